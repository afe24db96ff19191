const formats = new Map<string, Intl.NumberFormat>()

/** `$8`, `$8.40`, in the viewer's way of writing it. */
export function formatMoney(cents: number, currency = 'USD'): string {
  const key = `${currency} ${cents % 100 === 0}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency: currency.toUpperCase(),
      minimumFractionDigits: cents % 100 === 0 ? 0 : 2,
    })
    formats.set(key, format)
  }
  return format.format(cents / 100)
}
