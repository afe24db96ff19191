import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseTitle } from './link.ts'
import { parsePageInfo } from './parse-page-info.ts'

const PAGE_URL = 'https://example.com/a/b?c#d'

test.each([
  ['<!doctype html><html><head><title>Hello</title></head><body>', 'Hello'],
  ['<TITLE>\n  Hello\t\r\n world\u00a0! </TITLE>', 'Hello world !'],
  [
    '<title>Fish &amp; Chips &lt;b&gt; &#8211; &eacute;t&eacute; &#x1F600;</title>',
    'Fish & Chips <b> – été 😀',
  ],
  ['<title>a <b>not bold</b></title>', 'a <b>not bold</b>'],
  [
    '<title>null\u0000, bell\u0007, next line\u0085 &#7; and &#0;</title>',
    'null, bell, next line and \ufffd',
  ],
  ['<title>\u202egnp.exe\u2069</title>', 'gnp.exe'],
  ['<title lang="en" data-x=\'<title>\'>quoted</title>', 'quoted'],
  [
    '<script>"<title>no</title>"</script><!-- <title>no</title> --><style><title>no</title></style><title>yes</title>',
    'yes',
  ],
  ['<svg><title>drawing</title></svg><body><div><title>late</title>', 'late'],
  ['<title>first</title><title>second</title>', 'first'],
  ['<title></title><title>second</title>', undefined],
  ['<title> \n </title>', undefined],
  ['<title>never closed', 'never closed'],
  ['<p>no title', undefined],
  ['', undefined],
  ['just text', undefined],
  [`<title>${'😀'.repeat(300)}</title>`, '😀'.repeat(200)],
  [`<title>${'a'.repeat(199)} b</title>`, 'a'.repeat(199)],
])('the title of %p is %p', (html, title) => {
  expect(info(html).title).toBe(title)
})

test.each([
  ['', 'https://example.com/favicon.ico'],
  ['<link rel=icon href=/x.png>', 'https://example.com/x.png'],
  ['<LINK HREF="x.png" REL="Shortcut Icon">', 'https://example.com/a/x.png'],
  ['<link rel=icon href="//cdn.example/x.png?a&amp;b">', 'https://cdn.example/x.png?a&b'],
  ['<base href="/assets/"><link rel=icon href=x.png>', 'https://example.com/assets/x.png'],
  ['<link rel=icon href=x.png><base href="http://cdn.example/"><base href=/no/>', 'http://cdn.example/x.png'],
  ['<base href="javascript:alert(1)"><link rel=icon href=x.png>', 'https://example.com/a/x.png'],
  ['<link rel=stylesheet href=x.css><link rel=mask-icon href=x.svg>', 'https://example.com/favicon.ico'],
  ['<link rel=icon><link rel=icon href=" ">', 'https://example.com/favicon.ico'],
  ['<link rel=icon href="data:image/png;base64,AAAA">', 'https://example.com/favicon.ico'],
  ['<link rel=icon href="javascript:alert(1)"><link rel=icon href=/ok.png>', 'https://example.com/ok.png'],
  ['<link rel=icon href="https://user:secret@example.com/x.png">', 'https://example.com/favicon.ico'],
  [`<link rel=icon href="/${'x'.repeat(3000)}">`, 'https://example.com/favicon.ico'],
  [
    '<link rel=icon sizes=16x16 href=16><link rel=icon sizes=192x192 href=192><link rel=icon sizes=32x32 href=32>',
    'https://example.com/a/32',
  ],
  [
    '<link rel=icon sizes=16x16 href=16><link rel=icon sizes="24X24 8x8" href=24>',
    'https://example.com/a/24',
  ],
  ['<link rel=icon href=x.ico><link rel=apple-touch-icon href=touch.png>', 'https://example.com/a/touch.png'],
  [
    '<link rel=icon sizes=64x64 href=64><link rel=icon type=image/svg+xml href=svg>',
    'https://example.com/a/svg',
  ],
  [
    '<link rel=icon href=l><link rel=icon sizes=any media="(prefers-color-scheme: dark)" href=d>',
    'https://example.com/a/l',
  ],
  [
    '<svg><title>x</title></svg><title>t</title><link rel=icon href=x.png></head>',
    'https://example.com/a/x.png',
  ],
])('the favicon of %p is %s', (html, url) => {
  expect(info(html).faviconUrl).toBe(url)
})

test.each([
  ['utf-8 by default', undefined, Buffer.from('<title>Grüße</title>')],
  ['Windows-1252 when it is not UTF-8', undefined, Buffer.from('<title>Grüße</title>', 'latin1')],
  ['of the header', 'text/html; charset="ISO-8859-1"', Buffer.from('<title>Grüße</title>', 'latin1')],
  [
    'of the header before the page',
    'text/html;charset=utf-8',
    Buffer.from('<meta charset=latin1><title>Grüße</title>'),
  ],
  ['of the page', 'text/html', Buffer.from("<meta charset='iso-8859-1'><title>Grüße</title>", 'latin1')],
  [
    'of the page, the old way',
    'text/html',
    Buffer.from(
      '<meta http-equiv=Content-Type content="text/html; charset=windows-1252"><title>Grüße</title>',
      'latin1',
    ),
  ],
  ['of the byte order mark', 'text/html; charset=latin1', Buffer.from('\ufeff<title>Grüße</title>')],
  ['UTF-16 by its mark', undefined, Buffer.from('\ufeff<title>Grüße</title>', 'utf16le')],
  ['not UTF-16 by declaration', undefined, Buffer.from('<meta charset=utf-16><title>Grüße</title>')],
  [
    'not one that nobody knows',
    'text/html; charset=klingon',
    Buffer.from('<meta charset=x><title>Grüße</title>'),
  ],
  ['cut off within a character', undefined, Buffer.from('<title>Grüße</title>ü').subarray(0, -1)],
])('the encoding is %s', (_, contentType, bytes) => {
  expect(parsePageInfo({ bytes, contentType, url: PAGE_URL }).title).toBe('Grüße')
})

test('Chinese and Japanese encodings are read', () => {
  const gbk = Buffer.concat([
    Buffer.from('<meta charset=gb2312><title>'),
    Buffer.from([0xc4, 0xe3, 0xba, 0xc3]),
  ])
  const sjis = Buffer.concat([Buffer.from('<title>'), Buffer.from([0x93, 0xfa, 0x96, 0x7b])])

  expect(parsePageInfo({ bytes: gbk, contentType: undefined, url: PAGE_URL }).title).toBe('你好')
  expect(
    parsePageInfo({ bytes: sjis, contentType: 'text/html; charset=Shift_JIS', url: PAGE_URL }).title,
  ).toBe('日本')
})

test('whatever the page is, the title is one a link may have and the icon a web address', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '<title>',
      '</title>',
      '<link rel=icon href=',
      '>',
      '"',
      '&#x202e;',
      '&#0',
      '&amp;',
      '<base href=',
      '<svg>',
      '</head>',
    ),
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
  )
  fc.assert(
    fc.property(fc.array(part), fc.option(fc.string(), { nil: undefined }), (parts, contentType) => {
      const { title, faviconUrl } = parsePageInfo({
        bytes: Buffer.from(parts.join('')),
        contentType,
        url: PAGE_URL,
      })
      const icon = new URL(faviconUrl)
      return (
        (title === undefined || (title !== '' && parseTitle(title) === title)) &&
        /^https?:$/.test(icon.protocol) &&
        icon.href === faviconUrl
      )
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  '<a>',
  '<svg>',
  '<div><p>',
  '</p>',
  '<title>',
  '<title>x</title>',
  '&',
  '&#x',
  '<',
  '<!--',
  '<a b=1 ',
  '<link rel=icon href=x sizes=1x1>',
  '<form>',
  '<table><tr><td>',
])('half a megabyte of %p is read in no time', (text) => {
  const size = 512 * 1024
  const html = text.repeat(Math.ceil(size / text.length)).slice(0, size / 2)
  const bytes = Buffer.from(html + '</b>'.repeat(size / 8))
  const startedAt = performance.now()

  parsePageInfo({ bytes, contentType: undefined, url: PAGE_URL })

  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

function info(html: string) {
  return parsePageInfo({ bytes: Buffer.from(html), contentType: undefined, url: PAGE_URL })
}
