/**
 * A program that runs the schedule of an installation once at an instant, so that a test can kill it in the middle:
 * `ONEHOP_DATA_DIR=… bun src/testing/schedule-runner.ts INSTANT`.
 */
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { SCHEDULE } from '#jobs/schedule.ts'
import { createTaskRunner } from '#jobs/task-runner.ts'

if (import.meta.main) {
  const now = new Date(process.argv[2] ?? '')
  await using open = await openServices(parseConfig(process.env).config)
  const runner = createTaskRunner({
    services: { ...open.services, now: () => now },
    tasks: SCHEDULE,
    onFailure: (task, error) => process.stderr.write(`${task}: ${String(error)}\n`),
  })
  process.stdout.write('running\n')
  await runner.runDue()
}
