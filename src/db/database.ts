import type { ColumnType, Generated, Kysely } from 'kysely'

/**
 * The product's tables as both databases store them: integer ids, booleans as 0/1, instants as Unix
 * milliseconds, JSON as text, enumerations as text.
 */
export interface Tables {
  /** Facts about the installation as a whole, one row each. */
  instance: {
    key: string
    value: string
  }
  user_account: {
    id: Generated<number>
    /** Lower case; unique. */
    email: string
    name: string
    password_hash: string
    is_operator: 0 | 1
    status: 'active' | 'blocked'
    created_at_ms: number
    /** Counts what ends everything that was signed in with the password: a new one, and blocking. */
    credentials_version: Generated<number>
    /** When a key or session of theirs was last used, to about a minute; null when none was. */
    last_seen_at_ms: ColumnType<number | null, number | null | undefined>
  }
  /** The second factor of a user's logins, from enrolment on. */
  two_factor: {
    user_id: number
    /** The TOTP secret, base32, sealed for `two-factor`. */
    sealed_secret: string
    /** The time step whose code was used last; -1 when none was. */
    last_step: number
    created_at_ms: number
    /** When a first code proved that the secret arrived; until then it is asked of nobody. */
    confirmed_at_ms: number | null
  }
  /** Recovery codes that are still to be used. */
  recovery_code: {
    user_id: number
    /** HMAC-SHA256 under the key for `recovery-code`, hex. */
    code_hash: string
  }
  team: {
    id: Generated<number>
    name: string
    /** The user whose personal team this is; null for a shared team. */
    personal_user_id: number | null
    created_at_ms: number
    /** Since when nobody is in it any more, and what it has is being deleted; null for every other team. */
    deleted_at_ms: ColumnType<number | null, number | null | undefined>
  }
  membership: {
    team_id: number
    user_id: number
    role: 'owner' | 'admin' | 'member' | 'viewer'
    created_at_ms: number
  }
  session: {
    id: Generated<number>
    /** `ses_` and 24 base62 characters. */
    public_id: string
    /** SHA-256 of the cookie's value, hex. */
    token_hash: string
    user_id: number
    team_id: number
    /** The program it was started with, as a person would call it: `Firefox on Linux`; empty when it did not say. */
    client: string
    created_at_ms: number
    /** To about a minute. */
    last_used_at_ms: number
    expires_at_ms: number
  }
  /** Links that were mailed to set a new password. */
  password_reset: {
    /** SHA-256 of the token in the link, hex. */
    token_hash: string
    user_id: number
    created_at_ms: number
    expires_at_ms: number
  }
  /** Who was asked into a team and has not answered. */
  invitation: {
    id: Generated<number>
    /** `inv_` and 24 base62 characters. */
    public_id: string
    team_id: number
    /** Lower case; once in a team. */
    email: string
    role: 'owner' | 'admin' | 'member' | 'viewer'
    /** SHA-256 of the token in the mail, hex. */
    token_hash: string
    /** Who invited; null when that account is gone. */
    user_id: number | null
    created_at_ms: number
    expires_at_ms: number
  }
  /** Who changed what; ids and names in it are those of then. */
  audit_event: {
    id: Generated<number>
    at_ms: number
    /** Null for what is no team's. */
    team_id: number | null
    /** Null: the command line, or the server itself. */
    user_id: number | null
    email: string | null
    /** The API key it was done with; null for a session or JWT. */
    key_name: string | null
    ip: string | null
    /** `link.updated` */
    action: string
    /** What it was done to: `link abc1234`. */
    subject: string
    /** A JSON object: field to what it was and what it became. */
    changes: string
  }
  api_key: {
    id: Generated<number>
    /** `tok_` and 24 base62 characters: the name a key has where a number would not do. */
    public_id: string
    team_id: number
    user_id: number
    /** The dialect whose form the secret has. */
    dialect: string
    name: string
    /** SHA-256 of the whole secret as the client sends it, hex. */
    secret_hash: string
    /** The first and last characters of the secret, enough to tell keys apart in a list. */
    hint: string
    /** A JSON array of abilities. */
    abilities: string
    origin: 'login' | 'user' | 'operator'
    created_at_ms: number
    expires_at_ms: number | null
    last_used_at_ms: number | null
  }
  /** What a team's plan is and, where it is paid for, until when: see `core/billing/subscription.ts`. */
  subscription: {
    team_id: number
    plan: string
    started_at_ms: number
    /** With the three below null together: the plan was granted, without end. */
    interval: ColumnType<'month' | 'year' | null, 'month' | 'year' | null | undefined>
    /** Every term ends on an anniversary of this. */
    anchor_ms: ColumnType<number | null, number | null | undefined>
    paid_until_ms: ColumnType<number | null, number | null | undefined>
    /** What one interval costs. */
    term_cents: ColumnType<number | null, number | null | undefined>
    /** The plan from the end of the term on; null is the one there is. */
    next_plan: ColumnType<string | null, string | null | undefined>
    /** Null with a plan beside it: that plan costs nothing. */
    next_interval: ColumnType<'month' | 'year' | null, 'month' | 'year' | null | undefined>
    /** Whether the sign-up plan follows the end of the term. */
    is_ending: Generated<0 | 1>
    /** When a larger plan came to its end; null when none did. */
    lowered_at_ms: ColumnType<number | null, number | null | undefined>
  }
  /** What a team wants and has to pay for. */
  billing_order: {
    id: Generated<number>
    /** `ord_` and 24 base62 characters. */
    public_id: string
    team_id: number
    /** Who ordered; null for a renewal, which nobody does. */
    user_id: number | null
    kind: 'start' | 'renewal' | 'upgrade' | 'credits'
    plan: string | null
    interval: 'month' | 'year' | null
    /** Until when the term that a renewal goes on from is paid. */
    due_ms: number | null
    metric: string | null
    quantity: number | null
    amount_cents: number
    currency: string
    status: 'pending' | 'approved' | 'rejected' | 'expired'
    /** The payment provider it is paid through. */
    provider: string
    /** When the provider took note of it. */
    asked_at_ms: number | null
    created_at_ms: number
    expires_at_ms: number
    decided_at_ms: number | null
    /** The operator who decided; null for the provider, the command line and the clock. */
    decided_by: number | null
  }
  /** Where the schedule stands, a row for each task. */
  scheduled_task: {
    name: string
    /** Everything that was due up to here is done. */
    done_through_ms: number
    /** The process that is at it; its word holds until the lease runs out. */
    holder: string | null
    lease_until_ms: number
    /** In a row. */
    failures: number
    /** After a failure it is not tried before. */
    retry_at_ms: number
  }
  /** Every run of a task. */
  task_run: {
    id: Generated<number>
    task: string
    holder: string
    started_at_ms: number
    finished_at_ms: number | null
    /** `lost`: its process was killed, or lost its lease. */
    outcome: 'running' | 'done' | 'failed' | 'stopped' | 'lost'
    /** A JSON object of numbers. */
    counts: string
    problem: string | null
  }
  /** The weekly reports that were handed to the mail queue. */
  weekly_report: {
    team_id: number
    user_id: number
    week_start_ms: number
  }
  /** Kinds of mail that a user does not want. */
  mail_opt_out: {
    user_id: number
    kind: string
    at_ms: number
  }
  /** What a team has used of a metric in a calendar month (UTC). */
  usage: {
    team_id: number
    /** `2026-11` */
    month: string
    metric: string
    used: number
    /** This month's limit where an operator set one; the plan's otherwise. */
    allowance: number | null
  }
  /** Bought credits, used when the month's allowance is. */
  credit: {
    team_id: number
    metric: string
    balance: number
  }
  /** A team's own limit instead of its plan's; null is unlimited. */
  plan_override: {
    team_id: number
    metric: string
    value: number | null
  }
  /** A domain whose pages may look up networks without a key, at the team's expense. */
  request_origin: {
    id: Generated<number>
    public_id: string
    team_id: number
    /** Who registered it; its requests may do what this user may. */
    user_id: number
    /** A registrable domain in lower case and ASCII; unique. */
    domain: string
    created_at_ms: number
  }
  /** Teams whose lookups go on when their credits are used up. */
  surcharge: {
    team_id: number
    /** Lookups a month; null is unlimited. */
    monthly_limit: number | null
  }
  /** Lookup credits that are counted as used although a process still holds some of them. */
  credit_lease: {
    /** Drawn by each process when it starts. */
    holder: string
    team_id: number
    /** `2026-11` */
    month: string
    source: 'allowance' | 'bought' | 'surcharge'
    /** The most that the process may hold. */
    amount: number
    leased_at_ms: number
  }
  link: {
    id: Generated<number>
    /** An opaque id for the dialects that show text. */
    public_id: string
    team_id: number
    /** Who created it. */
    user_id: number
    slug: string
    kind: 'url' | 'wifi' | 'vcard' | 'text'
    /** Where it leads; null exactly where the kind is not `url`. */
    target: string | null
    /** What its page shows, a JSON object; null exactly where the kind is `url`. */
    payload: string | null
    title: string | null
    description: string | null
    /** A JSON array of texts. */
    tags: string
    /** The title and icon of the target's page. */
    page_title: string | null
    favicon_url: string | null
    /** Whether the target's page is still to be asked for its title and icon. */
    page_info: 'none' | 'wanted'
    status: 'active' | 'inactive' | 'archived'
    source: 'web' | 'api'
    expires_at_ms: number | null
    created_at_ms: number
    updated_at_ms: number
  }
  /** How the QR code of a link is drawn; its image is drawn when it is asked for. */
  qr_code: {
    link_id: number
    team_id: number
    /** `#rrggbb`, as the background is. */
    color: string
    background: string
    size_px: number
    format: 'png' | 'svg'
    error_correction: 'L' | 'M' | 'Q' | 'H'
    created_at_ms: number
    updated_at_ms: number
  }
  /** Where a team wants to be told of its events. */
  webhook: {
    id: Generated<number>
    /** `wh_` and 24 base62 characters. */
    public_id: string
    team_id: number
    url: string
    /** A JSON array of event names. */
    events: string
    /** Sealed; so is the one before it, which signs beside it for a while. */
    secret: string
    old_secret: string | null
    old_secret_until_ms: number | null
    status: 'active' | 'paused'
    /** Null while it is active. */
    pause_reason: 'user' | 'gone' | 'failing' | null
    /** The first failure since the last success; null when the last delivery succeeded. */
    failing_since_ms: number | null
    created_at_ms: number
    updated_at_ms: number
  }
  /** What is to be delivered or was, whatever the way. */
  delivery: {
    id: Generated<number>
    /** `msg_` and 24 base62 characters: how a receiver tells one that is sent again. */
    public_id: string
    kind: 'webhook' | 'mail'
    /** The webhook's id, or 0 for mail: who fails and waits together. */
    lane: number
    webhook_id: number | null
    /** The name of a webhook's event; null for mail. */
    event: string | null
    /** The body of a webhook's request; a mail, sealed, and empty when it is done with. */
    content: string
    /** `held` waits until its webhook is resumed. */
    status: 'waiting' | 'held' | 'delivered' | 'failed'
    /** Since it was created or redelivered. */
    tries: number
    /** Who has it in hand; it is free again when `due_at_ms` comes. */
    claim: string | null
    due_at_ms: number
    give_up_at_ms: number
    created_at_ms: number
    done_at_ms: number | null
  }
  delivery_attempt: {
    id: Generated<number>
    delivery_id: number
    at_ms: number
    duration_ms: number
    /** Of the answer, HTTP or SMTP; null when there was none. */
    status_code: number | null
    error: string | null
    /** How the answer begins. */
    answer: string | null
  }
  /** Teams that have been told of clicks by webhook. */
  click_event_schedule: {
    team_id: number
    /** The last batch of the click store that is in the queue. */
    last_batch: number
    next_at_ms: number
  }
  /** An uploaded file that is whole; whoever knows its public id may download it. */
  shared_file: {
    id: Generated<number>
    /** 128 random bits, hex. */
    public_id: string
    team_id: number
    /** Who uploaded it. */
    user_id: number
    /** Where the file store keeps its bytes: 128 random bits of their own, hex. */
    storage_key: string
    name: string
    media_type: string
    size_bytes: number
    /** Hex. */
    sha256: string
    password_hash: string | null
    download_count: number
    created_at_ms: number
    expires_at_ms: number | null
  }
  /** The short link a file was given. */
  file_link: {
    file_id: number
    link_id: number
  }
  /** What the files of a team take, those included that are being uploaded. */
  file_usage: {
    team_id: number
    files: number
    size_bytes: number
  }
  /** Uploads under way: one whose lease has run out was lost. */
  file_upload: {
    storage_key: string
    team_id: number
    /** What the file store needs to erase the draft, besides the key. */
    draft_ref: string | null
    /** What of the team's usage is this upload's. */
    reserved_bytes: number
    lease_until_ms: number
  }
  /** Bytes in the file store that are no file's any more. */
  file_erasure: {
    storage_key: string
    draft_ref: string | null
  }
  /** Deleted links whose clicks are still to be deleted. */
  link_erasure: {
    link_id: number
  }
  /** Slugs whose redirect changed, read by every process that keeps links in memory. */
  link_change: {
    id: Generated<number>
    slug: string
    at_ms: number
  }
  /** The picture in the middle of a QR code. */
  qr_logo: {
    link_id: number
    /** Base64. */
    png: string
  }
  /** Answers to requests that are not to be done twice, by the key the client sent. */
  kept_answer: {
    team_id: number
    idempotency_key: string
    /** What the request was: SHA-256, hex. */
    fingerprint: string
    /** Drawn by whoever does the request. */
    attempt: string
    /** Until when nobody else does it. */
    lease_until_ms: number
    /** Sealed; null while the request is being done. */
    answer: string | null
    expires_at_ms: number
  }
}

/** A connection or an open transaction; queries take it first and never reach for a global. */
export type Db = Kysely<Tables>

/**
 * The tables of clicks. On SQLite they are a file of their own, so that the consumer's long write
 * transactions never make the serving thread wait; on PostgreSQL they live beside the others.
 */
export interface ClickTables {
  /** How far each spool has been consumed; written in the transaction that writes its clicks. */
  spool: {
    id: Generated<number>
    name: string
    segment: number
    offset_bytes: number
    /** Clicks of a lower id are in the store. */
    next_click_id: number
  }
  /** On PostgreSQL only; SQLite keeps clicks in runs of columns, which `ports/click-store/sqlite` alone reads. */
  click: ClickValueColumns & {
    spool_id: number
    /** Segment number · 2^28 + offset in the segment: where the click stood in its spool. */
    position: number
    link_id: number
    team_id: number
    at_ms: number
    /** 64 bits of a keyed hash of address and user agent, hex; the key changes daily and is then forgotten. */
    visitor: string
    is_bot: 0 | 1
    /** The short link was read from its QR code. */
    is_scan: 0 | 1
  }
  /** All-time counts of a link, by the team it belonged to. */
  click_total: {
    link_id: number
    team_id: number
    clicks: number
    /** Those that were no bots, likewise below. */
    human_clicks: number
    scans: number
    human_scans: number
  }
  /** Clicks of a team in a calendar month (UTC). */
  click_usage: {
    team_id: number
    /** `2026-11` */
    month: string
    clicks: number
  }
  /** Links whose clicks are forgotten, those that are still to come included. */
  deleted_link: {
    id: Generated<number>
    link_id: number
    deleted_at_ms: number
    /** Nothing of it is on disk any more. */
    is_purged: 0 | 1
  }
  /** Clicks of a team before this are forgotten. */
  click_cutoff: {
    team_id: number
    before_ms: number
    /** Up to here they are gone from disk too. */
    swept_ms: number
  }
  /** Teams whose clicks are told by webhook. */
  click_watch: {
    team_id: number
    is_active: 0 | 1
    /** What clicks are counted into now; grows by one whenever a batch is taken. */
    open_batch: number
    since_ms: number
  }
  /** Clicks of watched teams by link and batch; a batch is deleted when the next is taken. */
  click_untold: {
    team_id: number
    batch: number
    link_id: number
    clicks: number
  }
  /** Teams whose clicks somebody follows one by one. */
  live_watch: {
    team_id: number
    until_ms: number
  }
  /** Their latest clicks, numbered in the order they were stored. */
  live_click: {
    id: Generated<number>
    team_id: number
    link_id: number
    at_ms: number
    is_bot: number
    is_scan: number
    /** A JSON object with a text for every dimension. */
    dimensions: string
  }
  visitor_key: {
    /** `2026-11-21` (UTC) */
    day: string
    /** 32 random bytes, hex. */
    secret: string
  }
}

/** What is known of a click besides its time and visitor; empty where it is unknown. */
interface ClickValueColumns {
  country: string
  region: string
  city: string
  continent: string
  browser: string
  operating_system: string
  device: string
  referrer: string
  language: string
  as: string
  network: string
  utm_source: string
  utm_medium: string
  utm_campaign: string
}

export type ClickDb = Kysely<ClickTables>
