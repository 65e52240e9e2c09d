import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileMapping, evaluateMapping } from './account-mapping.ts';
import { adopts, whyNotAdopted } from './adopts.ts';
import type { AttributeRules, DesiredAccount, ObservedAccount, TargetMapping } from './account.ts';
import type { AttributeSchema, AttributeValue, Facts } from '../identity/facts.ts';
import { mergeFacts } from '../identity/merge-facts.ts';
import { record } from '../testing/people.ts';
import type { SourceTrust, TrustBySource, VouchedRecord } from './vouching.ts';
import { decideAdoption, whyNeverAdopting } from './decide-adoption.ts';

const now = '2026-03-01T00:00:00.000Z';
const text = { type: 'string' } as const;
const SCHEMA: AttributeSchema = {
  email: text,
  employeeNumber: text,
  givenName: text,
  familyName: text,
  badge: { type: 'number' },
  addresses: { type: 'strings' },
};

const nobody: SourceTrust = { isAuthoritative: false, isLogin: true, keys: [], trustedEmailDomains: [] };
const TRUST: TrustBySource = {
  hr: { isAuthoritative: true, isLogin: false, keys: ['employeeNumber'], trustedEmailDomains: ['corp.example'] },
  payroll: { isAuthoritative: true, isLogin: false, keys: [], trustedEmailDomains: [] },
  crew: { ...nobody, isLogin: false, trustedEmailDomains: ['corp.example'] },
  corp: { ...nobody, keys: ['employeeNumber'], trustedEmailDomains: ['corp.example'] },
  partner: { ...nobody, trustedEmailDomains: ['partner.example'] },
};

type Said = Partial<VouchedRecord> & { readonly source: string };
const said = (source: string, facts: Facts, more: Partial<VouchedRecord> = {}): Said => ({ source, facts, emailTrusted: false, emailVerified: true, ...more });

/** Adoption decided for a person with these records, sources in order of precedence. */
function decided(cel: string, records: readonly Said[], trust: TrustBySource = TRUST) {
  const full = records.map((one, index): VouchedRecord => ({ emailTrusted: false, ...record({ id: `r-${index}`, ...one }), ...one }) as VouchedRecord);
  const identity = mergeFacts({
    id: 'i-1',
    userName: 'ada',
    userType: 'employee',
    createdAt: now,
    records: full,
    precedence: { default: records.map(({ source }) => source), attributes: {} },
    authoritative: ['hr', 'payroll'],
    now,
    timeZone: 'UTC',
  });
  const mapping = compileMapping({ name: 'crm', attributes: { mail: cel }, adoptBy: 'mail' }, SCHEMA);
  const attributes = evaluateMapping(mapping, identity);
  return { attributes, adoption: decideAdoption({ ...mapping, adoptBy: 'mail' }, attributes['mail'], identity, { records: full, trust }, now) };
}
const answer = (cel: string, ...records: readonly Said[]): string => {
  const { adoption } = decided(cel, records);
  return 'refused' in adoption ? adoption.refused : `by ${adoption.restsOn.join(', ')}`;
};

const boss = 'boss@corp.example';

describe('an e-mail adopts only where the source may speak for its domain and it is verified', () => {
  test.each<[string, readonly Said[], string]>([
    ['HR that is trusted for the domain', [said('hr', { email: boss })], 'by email'],
    ['a login that says that it is verified', [said('corp', { email: boss })], 'by email'],
    ['in capitals', [said('corp', { email: 'Boss@CORP.example' })], 'by email'],
    ['a login that says that it is not', [said('corp', { email: boss }, { emailVerified: false })], 'its email is not verified by corp'],
    ['a login recorded before that was kept, untrusted then', [said('corp', { email: boss }, { emailVerified: null })], 'its email is not verified by corp'],
    ['a login recorded before that was kept, trusted then', [said('corp', { email: boss }, { emailVerified: null, emailTrusted: true })], 'by email'],
    ['HR recorded before that was kept', [said('hr', { email: boss }, { emailVerified: null })], 'by email'],
    [
      'a login of another domain, though it says that it is verified',
      [said('partner', { email: boss })],
      'partner is not trusted for the domain of its email (trustedEmailDomains)',
    ],
    [
      'a source that lost its trust since',
      [said('partner', { email: boss }, { emailTrusted: true })],
      'partner is not trusted for the domain of its email (trustedEmailDomains)',
    ],
    [
      'a source that is authoritative, but not trusted for the domain',
      [said('payroll', { email: boss })],
      'payroll is not trusted for the domain of its email (trustedEmailDomains)',
    ],
    ['a source that is not authoritative, but trusted for the domain', [said('crew', { email: boss })], 'by email'],
    ['a source that tenure.yaml does not know any more', [said('gone', { email: boss })], 'its email comes from gone, which is no source of tenure.yaml'],
    ['what is built in', [said('operator', { email: boss })], 'its email comes from operator, which is no source of tenure.yaml'],
    ['a source called like a method', [said('constructor', { email: boss })], 'its email comes from constructor, which is no source of tenure.yaml'],
    [
      'a source that reports the end',
      [said('crew', { email: boss }, { status: 'ended', endedAt: '2026-02-01T00:00:00.000Z' })],
      "its email comes from crew, which reports the person's end",
    ],
    ['a source that reports an end to come', [said('crew', { email: boss }, { status: 'ended', endedAt: '2026-04-01T00:00:00.000Z' })], 'by email'],
    ['nobody says one', [said('hr', {})], 'the person has no value for mail'],
    ['another source than the one that is believed says the same, and may', [said('payroll', { email: boss }), said('corp', { email: boss })], 'by email'],
    [
      'another source may, but says another one',
      [said('payroll', { email: boss }), said('corp', { email: 'eve@corp.example' })],
      'payroll is not trusted for the domain of its email (trustedEmailDomains)',
    ],
    [
      'what is said is not overruled by who is trusted for something else',
      [said('corp', { email: boss }, { emailVerified: false }), said('partner', { email: 'eve@partner.example' })],
      'its email is not verified by corp',
    ],
  ])('%s', (_, records, expected) => expect(answer('identity.email', ...records)).toBe(expected));
});

describe('any other attribute adopts where its source is authoritative or lists it as a key', () => {
  const number = { employeeNumber: 'E-1' };
  test.each<[string, string, readonly Said[], string]>([
    ['an authoritative source', 'identity.employeeNumber', [said('payroll', number)], 'by employeeNumber'],
    ['a login that lists it', 'identity.employeeNumber', [said('corp', number)], 'by employeeNumber'],
    [
      'a login that does not',
      'identity.employeeNumber',
      [said('partner', number)],
      'its employeeNumber comes from partner, which is not authoritative and does not list employeeNumber under correlate',
    ],
    ['a number', 'identity.badge', [said('hr', { badge: 4711 })], 'by badge'],
    ['one of a list', 'identity.addresses[0]', [said('hr', { addresses: ['a', 'b'] })], 'by addresses'],
    ['a list', 'identity.addresses', [said('hr', { addresses: ['a', 'b'] })], 'by addresses'],
  ])('%s', (_, cel, records, expected) => expect(answer(cel, ...records)).toBe(expected));
});

describe('a value rests on every attribute that its expression reads', () => {
  const both = { email: boss, employeeNumber: 'E-1' };
  test.each<[string, string, readonly Said[], string]>([
    ['of which each is spoken for', 'identity.employeeNumber + "/" + identity.email', [said('hr', both)], 'by email, employeeNumber'],
    [
      'of which one is not',
      'identity.employeeNumber + "/" + identity.email',
      [said('payroll', both)],
      'payroll is not trusted for the domain of its email (trustedEmailDomains)',
    ],
    [
      'also where it is only looked at',
      'has(identity.email) ? identity.employeeNumber : "none"',
      [said('payroll', both)],
      'payroll is not trusted for the domain of its email (trustedEmailDomains)',
    ],
    [
      'what is absent says nothing',
      'has(identity.email) ? identity.email : identity.employeeNumber',
      [said('hr', { employeeNumber: 'E-1' })],
      'by employeeNumber',
    ],
    ['one of two', 'has(identity.employeeNumber) ? identity.email : ""', [said('hr', both)], 'by email, employeeNumber'],
    ['the kind of person says nothing', 'identity.userType == "employee" ? identity.email : ""', [said('hr', both)], 'by email'],
    [
      'a fixed text instead of what is absent',
      'identity.?email.orValue("boss@corp.example")',
      [said('hr', {})],
      'mail rests on nothing that a source says of the person',
    ],
    ['in small letters', 'identity.email.lower()', [said('hr', { email: 'Boss@corp.example' })], 'by email'],
    [
      'names put together',
      'identity.givenName + "." + identity.familyName + "@corp.example"',
      [said('hr', { givenName: 'Ada', familyName: 'L' })],
      'by familyName, givenName',
    ],
    [
      'names of a login',
      'identity.givenName + "@corp.example"',
      [said('corp', { givenName: 'boss' })],
      'its givenName comes from corp, which is not authoritative and does not list givenName under correlate',
    ],
    ['a part of an address', 'identity.email.split("@")[0]', [said('partner', { email: 'boss@partner.example' })], "mail is only a part of the person's email"],
    [
      'a part of an address in another domain',
      'identity.email.split("@")[0] + "@corp.example"',
      [said('partner', { email: 'boss@partner.example' })],
      "mail is only a part of the person's email",
    ],
    [
      'a letter that only folds to the one of the boss',
      'identity.email.lower()',
      [said('corp', { email: '\u212Aim@corp.example' })],
      "mail is only a part of the person's email",
    ],
    ['an expression that cannot be evaluated', 'identity.addresses[3]', [said('hr', { addresses: ['a'] })], 'the person has no value for mail'],
  ])('%s', (_, cel, records, expected) => expect(answer(cel, ...records)).toBe(expected));

  test.each([
    ['identity.userName', 'rests on userName, for which no source speaks, so it would never adopt an account'],
    ['identity.groups', 'rests on groups, for which no source speaks, so it would never adopt an account'],
    ['has(identity.email) ? identity.email : identity.userName', 'rests on userName, for which no source speaks, so it would never adopt an account'],
    ['"everybody"', 'rests on no attribute of the person, so it would never adopt an account'],
    ['identity.userType', 'rests on no attribute of the person, so it would never adopt an account'],
    ['identity.email', null],
    ['identity.emial', null],
  ])('the configuration is told of %s', (cel, expected) => expect(whyNeverAdopting(cel, SCHEMA)).toBe(expected));

  test('and nobody is adopted by what they rest on', () => {
    expect(answer('identity.userName', said('hr', { email: boss }))).toBe('mail rests on userName, for which no source speaks');
    expect(answer('"everybody"', said('hr', { email: boss }))).toBe('mail rests on nothing that a source says of the person');
  });
});

test('no reason holds a value of the person', () => {
  for (const source of [...Object.keys(TRUST), 'gone'])
    for (const cel of ['identity.email', 'identity.employeeNumber', 'identity.email.split("@")[0]', 'identity.userName'])
      expect(answer(cel, said(source, { email: boss, employeeNumber: 'E-4711' }, { emailVerified: false }))).not.toMatch(/boss|4711|corp\.example/);
});

const seen: ObservedAccount = {
  nativeId: '1',
  userName: 'ada',
  externalId: null,
  enabled: true,
  attributes: { mail: ['a@x'] },
  entitlements: [],
  memberships: [],
};
const ours = '6f1f6c8e-0b5c-4c9a-9d0e-0d1f2a3b4c5d';
const allowed = { attribute: 'mail', restsOn: ['email'] };
const account: DesiredAccount = { target: 'crm', userName: 'ada', state: 'enabled', attributes: { mail: 'a@x' }, entitlements: [], adoption: allowed };
const mapping = (rules: AttributeRules = {}): TargetMapping => ({ name: 'crm', attributes: { mail: 'identity.email' }, rules, adoptBy: 'mail' });

describe('adopts', () => {
  test.each<[string, Partial<ObservedAccount>, string | null]>([
    ['one that bears our mark', { externalId: ours, attributes: {} }, null],
    ['one whose attribute is what we would write', {}, null],
    ["also with somebody else's number on it", { externalId: 'E-4711' }, null],
    ['not one that bears the mark of another identity', { externalId: '00000000-0b5c-4c9a-9d0e-0d1f2a3b4c5d' }, 'it bears the mark of another identity'],
    ['not one whose attribute differs', { attributes: { mail: 'b@x' } }, "its mail is not the person's"],
    ['not one with a further value', { attributes: { mail: ['a@x', 'b@x'] } }, "its mail is not the person's"],
    ['not one in other case, unless a rule says so', { attributes: { mail: 'A@X' } }, "its mail is not the person's"],
    ['not one without it', { attributes: {} }, 'there is no value of mail to compare'],
    ['not one with an empty text', { attributes: { mail: '' } }, 'there is no value of mail to compare'],
  ])('%s', (_, observed, why) => {
    expect(whyNotAdopted(account, { ...seen, ...observed }, ours, mapping())).toBe(why);
    expect(adopts(account, { ...seen, ...observed }, ours, mapping())).toBe(why === null);
  });

  test('in other case where the rule of the attribute says so, but never by a letter that only looks like it', () => {
    const rules = { mail: { compare: 'caseless' } } as const;
    expect(adopts(account, { ...seen, attributes: { mail: 'A@X' } }, ours, mapping(rules))).toBe(true);
    expect(adopts({ ...account, attributes: { mail: 'kim@x' } }, { ...seen, attributes: { mail: '\u212Aim@x' } }, ours, mapping(rules))).toBe(false);
  });

  test.each<[string, Partial<DesiredAccount>, TargetMapping, string]>([
    [
      'a value for which nobody may speak',
      { adoption: { attribute: 'mail', refused: 'its email is not verified by corp' } },
      mapping(),
      'its email is not verified by corp',
    ],
    ['an account that is closed: its data are not wanted any more', { attributes: {} }, mapping(), 'there is no value of mail to compare'],
    [
      'what was decided for another setting',
      { adoption: { attribute: 'badge', restsOn: ['badge'] } },
      mapping(),
      'no value of mail has been found to speak for it',
    ],
    ['a target without adoptBy', {}, { name: 'crm', attributes: {}, rules: {} }, "it does not bear this identity's mark, and the target has no adoptBy"],
  ])('nothing by %s', (_, more, by, why) => expect(whyNotAdopted({ ...account, ...more }, seen, ours, by)).toBe(why));

  test('nothing where nothing was decided', () => {
    const { adoption: _, ...without } = account;
    expect(adopts(without, seen, ours, mapping())).toBe(false);
  });
});

describe('nobody takes over an account through a value that their source may not speak for', () => {
  const sources = Object.keys(TRUST);
  const emails = [boss, 'boss@partner.example', 'Boss@corp.example', 'eve@corp.example', '\u212Aim@corp.example', 'kim@corp.example'];
  const numbers = ['E-1', 'E-2', 'boss'];
  const anything = fc.record({
    records: fc.uniqueArray(
      fc.record({
        source: fc.constantFrom(...sources),
        facts: fc.record(
          { email: fc.constantFrom(...emails), employeeNumber: fc.constantFrom(...numbers), givenName: fc.constantFrom('boss', 'eve', 'kim') },
          { requiredKeys: [] },
        ),
        emailVerified: fc.constantFrom(true, false, null),
        emailTrusted: fc.boolean(),
        hasEnded: fc.boolean(),
      }),
      { selector: ({ source }) => source, minLength: 1 },
    ),
    cel: fc.constantFrom(
      'identity.email',
      'identity.email.lower()',
      'identity.employeeNumber',
      'has(identity.email) ? identity.email : identity.employeeNumber',
      'has(identity.employeeNumber) ? identity.employeeNumber : identity.email.split("@")[0]',
      'identity.givenName + "@corp.example"',
      'identity.email.split("@")[0] + "@corp.example"',
      'identity.userName + "@corp.example"',
      '"boss@corp.example"',
    ),
    // Often it is exactly the value that would be written.
    theirs: fc.constantFrom<AttributeValue | null>(null, null, null, ...emails, ...numbers, 'kim', 'ada@corp.example', ['E-1']),
    isCaseless: fc.boolean(),
    mark: fc.constantFrom(null, 'E-4711', '00000000-0b5c-4c9a-9d0e-0d1f2a3b4c5d'),
  });

  /** Second implementation, from the sentences of docs/connectors.md. */
  const maySay = (
    {
      source,
      facts,
      emailVerified,
      emailTrusted,
      hasEnded,
    }: { source: string; facts: Facts; emailVerified: boolean | null; emailTrusted: boolean; hasEnded: boolean },
    value: string,
  ): boolean => {
    const trust = TRUST[source] ?? nobody;
    if (hasEnded) return false;
    const isVerified = emailVerified === null ? emailTrusted || !trust.isLogin : emailVerified;
    const fold = (text: string): string => text.replaceAll('\u212A', '?').toLowerCase();
    const same = (fact: unknown): boolean => typeof fact === 'string' && fold(fact) === fold(value);
    const isMailTrusted = isVerified && trust.trustedEmailDomains.some((domain) => value.toLowerCase().endsWith(`@${domain}`));
    return (
      (same(facts['email']) && isMailTrusted) ||
      (same(facts['employeeNumber']) && (trust.isAuthoritative || trust.keys.includes('employeeNumber'))) ||
      (value.toLowerCase() === `${String(facts['givenName'])}@corp.example` && trust.isAuthoritative)
    );
  };

  test('whatever is said of them, is mapped and is there', () => {
    let adopted = 0;
    fc.assert(
      fc.property(anything, ({ records, cel, theirs, isCaseless, mark }) => {
        const end = { status: 'ended', endedAt: '2026-01-01T00:00:00.000Z' } as const;
        const { attributes, adoption } = decided(
          cel,
          records.map(({ hasEnded, ...one }) => ({ ...one, ...(hasEnded ? end : {}) })),
        );
        const wanted = { ...account, attributes, adoption };
        const there = theirs ?? attributes['mail'] ?? [];
        const observed = { ...seen, externalId: mark, attributes: { mail: there } };
        if (!adopts(wanted, observed, ours, mapping(isCaseless ? { mail: { compare: 'caseless' } } : {}))) return;
        adopted += 1;
        const value = String(there);
        expect(records.filter((one) => maySay(one, value)).map(({ source }) => source)).not.toEqual([]);
        expect(mark === null || mark === 'E-4711').toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(adopted).toBeGreaterThan(20);
  });
});
