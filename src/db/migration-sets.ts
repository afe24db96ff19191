import type { MigrationSet } from './migrate.ts'
import * as clicks0001 from './click-migrations/0001-clicks.ts'
import * as clicks0002 from './click-migrations/0002-click-watch.ts'
import * as clicks0003 from './click-migrations/0003-live-clicks.ts'
import * as main0001 from './migrations/0001-foundation.ts'
import * as main0002 from './migrations/0002-qr-codes.ts'
import * as main0003 from './migrations/0003-typed-links.ts'
import * as main0004 from './migrations/0004-two-factor.ts'
import * as main0005 from './migrations/0005-deliveries.ts'
import * as main0006 from './migrations/0006-subscriptions.ts'
import * as main0007 from './migrations/0007-request-origins.ts'
import * as main0008 from './migrations/0008-files.ts'
import * as main0009 from './migrations/0009-kept-answers.ts'
import * as main0010 from './migrations/0010-qr-logos.ts'
import * as main0011 from './migrations/0011-teams.ts'
import * as main0012 from './migrations/0012-audit-log.ts'

/** The product's own tables. */
export const MAIN_MIGRATIONS: MigrationSet = {
  table: 'migration',
  migrations: {
    '0001-foundation': main0001,
    '0002-qr-codes': main0002,
    '0003-typed-links': main0003,
    '0004-two-factor': main0004,
    '0005-deliveries': main0005,
    '0006-subscriptions': main0006,
    '0007-request-origins': main0007,
    '0008-files': main0008,
    '0009-kept-answers': main0009,
    '0010-qr-logos': main0010,
    '0011-teams': main0011,
    '0012-audit-log': main0012,
  },
}

/** The tables of clicks, a database of their own on SQLite. */
export const CLICK_MIGRATIONS: MigrationSet = {
  table: 'click_migration',
  migrations: {
    '0001-clicks': clicks0001,
    '0002-click-watch': clicks0002,
    '0003-live-clicks': clicks0003,
  },
}
