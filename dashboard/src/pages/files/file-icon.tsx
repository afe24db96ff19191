import { File, FileArchive, FileCode, FileImage, FileMusic, FileText, FileVideo } from 'lucide-react'

/** What kind of file it is, at a glance. */
export function FileIcon({ mediaType }: { readonly mediaType: string }) {
  const Icon = iconOf(mediaType)
  return (
    <span className="file-icon" aria-hidden="true">
      <Icon size={18} />
    </span>
  )
}

function iconOf(mediaType: string) {
  if (mediaType.startsWith('image/')) return FileImage
  if (mediaType.startsWith('video/')) return FileVideo
  if (mediaType.startsWith('audio/')) return FileMusic
  if (/zip|tar|compressed|7z|rar/.test(mediaType)) return FileArchive
  if (/json|xml|javascript|html|css/.test(mediaType)) return FileCode
  return mediaType.startsWith('text/') || /pdf|word|document|sheet/.test(mediaType) ? FileText : File
}
