import { expect, test } from 'bun:test'
import { createTerminal } from './terminal.ts'

function outputs(isTTY: boolean) {
  const written: string[] = []
  const output = (name: string) => ({
    isTTY,
    columns: 20,
    write: (text: string) => written.push(`${name} ${text}`),
  })
  return { written, terminal: createTerminal(output('out'), output('err')) }
}

test('a person sees progress in one line, which makes way for the result', () => {
  const { written, terminal } = outputs(true)

  terminal.showProgress('half of a very long line of progress')
  terminal.print('done')
  terminal.print('really')

  expect(written).toEqual([
    'err \r\u001b[Khalf of a very long',
    'err \r\u001b[K',
    'out done\n',
    'out really\n',
  ])
})

test('progress is shown no faster than it can be read', () => {
  const { written, terminal } = outputs(true)

  for (let i = 0; i < 1_000; i++) terminal.showProgress(String(i))

  expect(written.length).toBeLessThan(20)
})

test('a file or a pipe gets lines alone', () => {
  const { written, terminal } = outputs(false)

  terminal.showProgress('half')
  terminal.print('done')
  terminal.printError('not quite')

  expect(written).toEqual(['out done\n', 'err not quite\n'])
})
