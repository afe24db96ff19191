import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

type Sample = keyof typeof SOURCE_SAMPLES

/** `first address in hexadecimal|service|region|country` of each row. */
function summaryOf(sample: Sample) {
  const source = sample === 'cloud:plain' ? 'cloud:example' : sample
  const { rows, summary } = readText(source, SOURCE_SAMPLES[sample])
  const lines = rows.map((row) =>
    row.kind === 'cloud-range'
      ? [row.provider, row.first.toString(16), row.service, row.region, row.country].join('|')
      : row.kind,
  )
  return { lines, day: summary.day }
}

test.each([
  {
    sample: 'cloud:plain',
    day: 0,
    lines: ['example|c0000200|||', 'example|c6336407|||', `example|20010db8${'0'.repeat(24)}|||`],
  },
  {
    sample: 'cloud:digitalocean',
    day: 0,
    lines: ['digitalocean|5656000||NL-NH|NL', `digitalocean|2604a8800400${'0'.repeat(20)}||US-NY|US`],
  },
  {
    sample: 'cloud:aws',
    day: 20251117,
    lines: [
      'aws|3040c04|AMAZON|eu-west-1|',
      'aws|3058c00|EC2|ap-northeast-2|',
      `aws|26001f014874${'0'.repeat(20)}|S3|us-west-2|`,
    ],
  },
  {
    sample: 'cloud:gcp',
    day: 20251117,
    lines: [
      'gcp|2201d000|Google Cloud|africa-south1|',
      `gcp|260019008000${'0'.repeat(20)}|Google Cloud|us-central1|`,
    ],
  },
  {
    sample: 'cloud:azure',
    day: 0,
    lines: [
      'azure|d452810|AzureStorage|westeurope|',
      `azure|260310200206${'0'.repeat(20)}|AzureStorage|westeurope|`,
      'azure|d400000|AzureCloud||',
    ],
  },
  {
    sample: 'cloud:oracle',
    day: 20251110,
    lines: ['oracle|81920000|OCI|us-phoenix-1|', 'oracle|823d0000|OCI|eu-frankfurt-1|'],
  },
  {
    sample: 'cloud:fastly',
    day: 0,
    lines: ['fastly|17eb2000|||', 'fastly|2bf94800|||', `fastly|2a044e40${'0'.repeat(24)}|||`],
  },
  {
    sample: 'cloud:github',
    day: 0,
    lines: [
      'github|c01efc00|hooks||',
      `github|2a0aa440${'0'.repeat(24)}|hooks||`,
      'github|4940000|actions||',
    ],
  },
  {
    sample: 'cloud:vultr',
    day: 20251120,
    lines: ['vultr|8031d00||US-FL|US', `vultr|200119f09000${'0'.repeat(20)}||US-FL|US`],
  },
] as const)('$sample is read in the form it is published in', ({ sample, day, lines }) => {
  expect(summaryOf(sample)).toEqual({ lines: [...lines], day })
})

test.each([
  ['{"prefixes":[{"ip_prefix":"3.4.12.4/32"}', 'it is no JSON, or only a part of it'],
  ['{"prefixes":[{"ip_prefix":"3.4.12.4/33"}]}', 'entry 1 has no prefix'],
  ['{"prefixes":[{"ip_prefix":7}]}', 'entry 1 has no prefix'],
  ['{"prefixes":[]}', 'it has no entry'],
  ['{"error":"not found"}', 'its JSON has none of the known shapes'],
  ['["192.0.2.0/24"]', 'its JSON has none of the known shapes'],
  ['192.0.2.0/24,Europe\n', 'line 1 has something else than a country in its second field'],
  ['<!doctype html>\n', 'line 1 begins with no prefix and no address'],
])('%p is refused', (text, reason) => {
  expect(refusalOf('cloud:aws', text)).toContain(reason)
})
