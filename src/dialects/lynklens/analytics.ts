import { Hono } from 'hono'
import { actInTeamOfLink } from '#core/accounts/act-in-team.ts'
import { countryName } from '#core/clicks/countries.ts'
import { clickBreakdown, clickSeries, clickTotal, type Dimension } from '#core/clicks/reports.ts'
import type { Env } from '#http/dialect.ts'
import { success } from './envelope.ts'
import { periodName, reportBots, reportSize, reportWindow } from './report-query.ts'

/** Source: contract "Other Analytics Endpoints": path, what the rows call the value, and how it is shown. */
const BREAKDOWNS: readonly {
  readonly path: string
  readonly key: string
  readonly dimension: Dimension
  readonly show?: (value: string) => string
}[] = [
  { path: 'countries', key: 'country', dimension: 'country', show: countryName },
  { path: 'cities', key: 'city', dimension: 'city' },
  { path: 'devices', key: 'device', dimension: 'device' },
  { path: 'referrers', key: 'referrer', dimension: 'referrer' },
  { path: 'browsers', key: 'browser', dimension: 'browser' },
  { path: 'operating-systems', key: 'operating_system', dimension: 'operating_system' },
]

/** Reports of one link. */
export function analytics(): Hono<Env> {
  const app = new Hono<Env>()
    .get('/links/:slug/clicks', async (c) => {
      const slug = c.req.param('slug')
      const window = reportWindow(c.req, { unit: 'day', units: 7 })
      const ctx = await actInTeamOfLink(c.var.ctx, slug)
      const series = await clickSeries(ctx, slug, { window, bots: reportBots(c.req) })
      const clicks = series.map(({ startMs, clicks: count }) => ({
        date: periodName(window.unit, startMs),
        clicks: count,
      }))
      return c.json(success({ clicks, ...window }))
    })
    .get('/links/:slug/clicks/summary', async (c) => {
      const slug = c.req.param('slug')
      const window = reportWindow(c.req, { unit: 'month', units: 1 })
      const ctx = await actInTeamOfLink(c.var.ctx, slug)
      const total = await clickTotal(ctx, slug, { window, bots: reportBots(c.req) })
      return c.json(success({ total_clicks: total, ...window }))
    })
  for (const { path, key, dimension, show = (value: string) => value } of BREAKDOWNS)
    app.get(`/links/:slug/${path}`, async (c) => {
      const slug = c.req.param('slug')
      const window = reportWindow(c.req, { unit: 'day', units: 30 })
      const options = { window, bots: reportBots(c.req), dimension, size: reportSize(c.req) }
      const rows = await clickBreakdown(await actInTeamOfLink(c.var.ctx, slug), slug, options)
      const metrics = rows.map(({ value, clicks }) => ({
        [key]: value === '' ? 'Unknown' : show(value),
        clicks,
      }))
      return c.json(success({ metrics, ...window }))
    })
  return app
}
