import { expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '#config/parse-config.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { CommandError } from './command-error.ts'
import { loadBlocklists } from './open-services.ts'

test('the catalogue of blocklists that a file makes is used', async () => {
  using dir = temporaryDir()
  const file = join(dir.path, 'zones.json')
  await writeFile(file, '{"builtIn": false, "zones": [{"zone": "bl.example", "kind": "ip"}]}')

  const { zones } = loadBlocklists(parseConfig({ ONEHOP_DNSBL_FILE: file }).config)

  expect(zones.map(({ zone }) => zone)).toEqual(['bl.example'])
  expect(loadBlocklists(parseConfig({}).config).zones.length).toBeGreaterThanOrEqual(73)
})

test('a file that is no catalogue of blocklists ends the start with what is wrong', async () => {
  using dir = temporaryDir()
  const file = join(dir.path, 'zones.json')
  await writeFile(file, '{"zones": [{"zone": "bl.example", "kind": "mail"}], "without": ["no.such.example"]}')

  const load = () => loadBlocklists(parseConfig({ ONEHOP_DNSBL_FILE: file }).config)

  expect(load).toThrow(CommandError)
  expect(load).toThrow(`ONEHOP_DNSBL_FILE=${file} cannot be used`)
  expect(load).toThrow('zones[0].kind')
})
