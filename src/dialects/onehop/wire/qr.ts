import { z } from 'zod'
import { body, integer, text } from './fields.ts'

const color = z.string().meta({ description: '`#rrggbb`.' })

export const QrCode = z
  .object({
    color,
    background: color,
    size_px: z.int(),
    format: z.enum(['png', 'svg']),
    error_correction: z
      .enum(['L', 'M', 'Q', 'H'])
      .meta({ description: 'With a logo a code is drawn with more.' }),
    has_logo: z.boolean(),
    scans: z.int().meta({ description: 'All there ever were.' }),
    image_url: z.string().meta({ description: 'For everybody who has the address.' }),
    warnings: z.array(z.string()).meta({ description: 'Why scanners may fail to read the code.' }),
  })
  .meta({ id: 'QrCode' })
export type QrCode = z.infer<typeof QrCode>

export const QrStyle = body({
  color: text.optional(),
  background: text.optional(),
  size_px: integer(100, 1000).optional(),
  format: text.optional(),
  error_correction: text.optional(),
}).meta({ examples: [{ color: '#1d3557', background: '#ffffff', size_px: 400, format: 'svg' }] })
export type QrStyle = z.infer<typeof QrStyle>
