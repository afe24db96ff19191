import { z } from 'zod'
import { parseEmail } from '#core/accounts/account.ts'
import { DomainError } from '#core/errors.ts'
import { parseTargetUrl } from './link.ts'
import { fields, line, lines, parseFields, several, word } from './payload-fields.ts'

/** A person or company as an address book keeps it. Texts are one line unless said otherwise, and never empty. */
export interface ContactCard {
  readonly kind: 'vcard'
  /** The version its file is written in. */
  readonly version: VcardVersion
  /** How the contact is called as a whole: as given, else made of the parts, else the organisation. */
  readonly fullName: string
  readonly prefix?: string | undefined
  readonly givenName?: string | undefined
  readonly middleName?: string | undefined
  readonly familyName?: string | undefined
  readonly suffix?: string | undefined
  readonly organization?: string | undefined
  readonly department?: string | undefined
  readonly jobTitle?: string | undefined
  readonly phones: readonly Phone[]
  readonly emails: readonly ContactEmail[]
  /** Absolute http(s) URLs. */
  readonly urls: readonly string[]
  readonly addresses: readonly PostalAddress[]
  /** Several lines. */
  readonly note?: string | undefined
}

/** The versions of vCard a contact's file can be written in. */
export const VCARD_VERSIONS = ['3.0', '4.0'] as const
/** One of {@link VCARD_VERSIONS}. */
export type VcardVersion = (typeof VCARD_VERSIONS)[number]

/** A telephone number, and where it rings. */
export interface Phone {
  /** With a digit at least, as people write numbers. */
  readonly number: string
  readonly type?: 'mobile' | 'work' | 'home' | 'fax' | undefined
}

/** An e-mail address as it was written, and whose it is. */
export interface ContactEmail {
  readonly address: string
  readonly type?: 'work' | 'home' | undefined
}

/** A place; at least one of its parts is there. */
export interface PostalAddress {
  /** Several lines. */
  readonly street?: string | undefined
  readonly city?: string | undefined
  readonly region?: string | undefined
  readonly postalCode?: string | undefined
  readonly country?: string | undefined
  readonly type?: 'work' | 'home' | undefined
}

const MAX_NAME_LENGTH = 100
const MAX_LINE_LENGTH = 200
const MAX_PHONE_LENGTH = 40
const MAX_NOTE_LENGTH = 1_000
const MAX_PHONES = 10
const MAX_EMAILS = 10
const MAX_URLS = 5
const MAX_ADDRESSES = 3

const name = line(MAX_NAME_LENGTH)
const place = word(['work', 'home'])

const PhoneFields = several(
  fields({
    number: required(line(MAX_PHONE_LENGTH)).refine(
      (number) => /^[\d+(*#][\d\s()+./*#;,x-]*$/i.test(number) && /\d/.test(number),
      'must be a telephone number',
    ),
    type: word(['mobile', 'work', 'home', 'fax', 'cell']).transform((type) =>
      type === 'cell' ? 'mobile' : type,
    ),
  }),
  'number',
  MAX_PHONES,
)
const EmailFields = several(
  fields({
    address: required(line(MAX_LINE_LENGTH)).refine(
      (address) => isAccepted(() => parseEmail(address)),
      'must be an e-mail address such as name@example.com',
    ),
    type: place,
  }),
  'address',
  MAX_EMAILS,
)
const UrlFields = several(
  fields({
    url: required(line(2_000))
      .refine((url) => isAccepted(() => parseTargetUrl(url)), 'must be an absolute http(s) URL')
      .transform((url) => String(parseTargetUrl(url))),
  }),
  'url',
  MAX_URLS,
)
const AddressFields = several(
  fields({
    street: lines(MAX_LINE_LENGTH),
    city: name,
    region: name,
    state: name,
    postalCode: name,
    zip: name,
    country: name,
    type: place,
  }).transform(({ state, zip, ...given }, context): PostalAddress => {
    const beside = (field: string, other: string) =>
      context.issues.push({
        code: 'custom',
        message: `must not be given beside ${other}`,
        path: [field],
        input: undefined,
      })
    const { region = state, postalCode = zip } = given
    if (state !== undefined && state !== region) beside('state', 'region')
    if (zip !== undefined && zip !== postalCode) beside('zip', 'postalCode')
    return { ...given, region, postalCode }
  }),
  'street',
  MAX_ADDRESSES,
)

const ContactFields = fields({
  version: word(VCARD_VERSIONS),
  fullName: name,
  name,
  prefix: name,
  givenName: name,
  firstName: name,
  middleName: name,
  familyName: name,
  lastName: name,
  suffix: name,
  organization: line(MAX_LINE_LENGTH),
  org: line(MAX_LINE_LENGTH),
  company: line(MAX_LINE_LENGTH),
  department: line(MAX_LINE_LENGTH),
  jobTitle: line(MAX_LINE_LENGTH),
  title: line(MAX_LINE_LENGTH),
  phones: PhoneFields,
  phone: PhoneFields,
  mobile: PhoneFields,
  emails: EmailFields,
  email: EmailFields,
  urls: UrlFields,
  url: UrlFields,
  website: UrlFields,
  addresses: AddressFields,
  address: AddressFields,
  note: lines(MAX_NOTE_LENGTH),
})

const Contact = ContactFields.transform((given, context): ContactCard => {
  const refuse = (field: string, message: string) =>
    context.issues.push({ code: 'custom', message, path: [field], input: undefined })
  /** The value of the first of some names for the same thing; two different ones are refused. */
  const one = (...names: readonly ContactLine[]) => {
    const [first, second] = names.filter((field) => given[field] !== undefined)
    if (first !== undefined && second !== undefined && given[first] !== given[second])
      refuse(second, `must not be given beside ${first}`)
    return first && given[first]
  }
  const all = <T>(field: string, max: number, lists: readonly (readonly T[])[]) => {
    const entries = lists.flat()
    if (entries.length > max) refuse(field, `must have at most ${max} entries`)
    return entries
  }

  const parts = {
    prefix: given.prefix,
    givenName: one('givenName', 'firstName'),
    middleName: given.middleName,
    familyName: one('familyName', 'lastName'),
    suffix: given.suffix,
  }
  const organization = one('organization', 'org', 'company')
  const joined = Object.values(parts)
    .filter((part) => part !== undefined)
    .join(' ')
  const fullName = one('fullName', 'name') ?? (joined || organization)
  if (fullName === undefined) refuse('fullName', 'is required, or parts of a name, or an organization')
  return {
    kind: 'vcard',
    version: given.version ?? '3.0',
    fullName: fullName ?? '',
    ...parts,
    organization,
    department: given.department,
    jobTitle: one('jobTitle', 'title'),
    phones: all('phones', MAX_PHONES, [
      given.phones,
      given.phone,
      given.mobile.map((phone) => ({ ...phone, type: phone.type ?? ('mobile' as const) })),
    ]),
    emails: all('emails', MAX_EMAILS, [given.emails, given.email]),
    urls: all('urls', MAX_URLS, [given.urls, given.url, given.website]).map(({ url }) => url),
    addresses: all('addresses', MAX_ADDRESSES, [given.addresses, given.address]).filter(saysSomething),
    note: given.note,
  }
})

/** The fields that are one line, by name. */
type ContactLine = {
  [Field in keyof z.infer<typeof ContactFields>]: z.infer<typeof ContactFields>[Field] extends
    | string
    | undefined
    ? Field
    : never
}[keyof z.infer<typeof ContactFields>]

/**
 * A contact from the fields of {@link ContactCard}, or what forms call them: `name`, `firstName`, `lastName`, `org`,
 * `company`, `title`, `phone`, `mobile`, `email`, `url`, `website`, `address`, `state`, `zip`. What there can be
 * several of is a list, or one alone; a text stands for a number, an address or a street without more.
 *
 * @throws DomainError `payload-invalid`
 */
export function parseContact(payload: unknown): ContactCard {
  return parseFields(Contact, payload)
}

function saysSomething({ street, city, region, postalCode, country }: PostalAddress): boolean {
  return [street, city, region, postalCode, country].some((part) => part !== undefined)
}

function required<T>(schema: z.ZodType<T | undefined>) {
  return schema.transform((value, context): T => {
    if (value !== undefined) return value
    context.issues.push({ code: 'custom', message: 'is required', input: value })
    return z.NEVER
  })
}

function isAccepted(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch (error) {
    if (error instanceof DomainError) return false
    throw error
  }
}
