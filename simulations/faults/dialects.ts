import type { ScimDialect } from '@tenure/testing/targets/index.ts';
import type { Random } from './random.ts';

/** Dialect of the CRM in one run. */
export interface CrmDialect {
  /** As a SCIM server it departs from the RFCs like this; several are spoken one after the other while the storm lasts. */
  readonly speaks: readonly ScimDialect[];
  /** In the middle a group gets another name, and another group gets its name. */
  readonly renames?: boolean;
  /** Groups can only be written whole; whichever worker writes one is killed there. */
  readonly killsWriters?: boolean;
  /** Memberships that it shows. `perhaps`: absence of a membership may be provable, or not. */
  readonly shows: 'all' | 'perhaps' | 'nothing';
}

/** `lower-cases`: it keeps e-mail addresses trimmed and in lower case. `deaf`: for one of its roles, adding a member changes nothing. */
export type LedgerHabit = 'plain' | 'lower-cases' | 'deaf';

/** Manual changes in the directory. `moves`: entries into another branch. `renames`: a group. `refers`: a part of `people` to another directory, for a while. */
export type DirectoryHabit = 'moves' | 'renames' | 'refers';

/** Deviations of the targets of one run from ideal ones. */
export interface Dialect {
  readonly name: string;
  readonly crm: CrmDialect;
  readonly ledger: LedgerHabit;
  readonly directory: readonly DirectoryHabit[];
}

/** The role of the ledger that nobody can be given where it is deaf. */
export const deafRole = 'clerk';

const hidden = { members: 'empty', groups: 'empty' } as const;
const whole: ScimDialect = { patch: 'none', version: 'none' };
const paged: ScimDialect = { mostPerPage: 2, groups: 'absent', groupFilters: 'refused' };
const versioned: ScimDialect = { version: 'header', versionMissing: 428 };

const one = (speaks: ScimDialect, shows: CrmDialect['shows'] = 'all'): CrmDialect => ({ speaks: [speaks], shows });

/** Every dialect, by the name that FAULTS_DIALECT gives; those that hide, move and lower-case come in each target with others. */
const drawn: Readonly<Record<string, (random: Random) => Omit<Dialect, 'name'>>> = {
  /** Nothing shows a membership: not a group, not a user, not a filter. */
  hides: (random) => ({
    crm: one({ ...hidden, groupFilters: random.pick(['refused', 'nothing', 'ignored']) }, 'nothing'),
    ledger: 'plain',
    directory: ['moves'],
  }),
  /** No group and no user shows a membership; a filter does. */
  'shows-by-filter': () => ({ crm: one(hidden), ledger: 'lower-cases', directory: ['renames'] }),
  /** To every query of its groups, it answers with all of them. */
  'ignores-filters': () => ({ crm: one({ groupFilters: 'ignored', groups: 'empty' }, 'perhaps'), ledger: 'deaf', directory: ['refers'] }),
  /** To every query of its groups by a filter, it answers with none of them. */
  'answers-nothing': () => ({ crm: one({ groupFilters: 'nothing', groups: 'empty' }, 'perhaps'), ledger: 'plain', directory: ['moves', 'renames'] }),
  pages: () => ({ crm: one(paged, 'perhaps'), ledger: 'lower-cases', directory: ['refers', 'moves'] }),
  /** Users are listed by cursor alone (RFC 9865), a few at a time; each cursor may be valid once. */
  cursors: (random) => ({
    crm: one({ paging: random.pick(['cursor', 'expiring']), mostPerPage: 7 }),
    ledger: 'plain',
    directory: ['renames'],
  }),
  /** It shows a part of a group's members, without any sign of that. */
  'cuts-short': () => ({ crm: one({ mostMembers: 20, groups: 'absent' }), ledger: 'deaf', directory: ['moves'] }),
  'writes-whole': () => ({ crm: { ...one(whole), killsWriters: true }, ledger: 'plain', directory: ['moves'] }),
  'demands-versions': () => ({ crm: one(versioned), ledger: 'deaf', directory: ['renames'] }),
  'lower-cases': () => ({ crm: one({ emails: 'lower-cased' }), ledger: 'lower-cases', directory: ['moves'] }),
  renames: () => ({ crm: { ...one({}), renames: true }, ledger: 'plain', directory: ['renames', 'moves'] }),
  /** Another one every few seconds, as when a target is replaced by its next version. */
  changes: (random) => ({
    crm: { speaks: random.shuffled([{ groupFilters: 'ignored' }, { groupFilters: 'nothing' }, paged, versioned, whole, {}]), renames: true, shows: 'perhaps' },
    ledger: 'lower-cases',
    directory: ['moves', 'renames', 'refers'],
  }),
};

/** Dialect in which all targets are ideal. */
export const plainDialect: Dialect = { name: 'plain', crm: one({}), ledger: 'plain', directory: [] };

export const dialectNames = Object.keys(drawn);

/** Dialects of which the short form draws one: they settle in its time. The long form plays all. */
export const shortDialects: readonly string[] = ['renames'];

/** @throws Error when nothing is called so */
export function dialectOf(name: string, random: Random): Dialect {
  const draw = drawn[name];
  if (draw === undefined) throw new Error(`FAULTS_DIALECT is ${name}, and has to be all or one of ${dialectNames.join(', ')}`);
  return { name, ...draw(random.stream(name)) };
}
