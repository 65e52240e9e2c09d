import { compileMapping, compilePolicy, decideAccess, type Instant, managedEntitlements, mergeFacts, type PolicyDocument } from '@tenure/domain';
import type { Person, StoredIdentity, StoredRecord, Trigger } from '@tenure/store';
import type { DecidedPerson, Effects } from '../effects.ts';
import { effectsOf } from '../effects-of.ts';
import { crmTarget, entitlementsOf, testConfiguration } from '../../testing/configuration.ts';
import { approvedItem, grantedException, observedAccount, openSuspension, type PersonDescription } from '../../testing/person.ts';
import { accountsOf, questionOf } from '../question-of.ts';

/** A person who is decided about without a database: effects of a decision are taken over as if they had been saved. */
export interface Life {
  /** Person as a decision would read them; a test may change it. */
  person: Person;
  /** Targets that are only observed; a test may change it. */
  readonly observed: Set<string>;
  /** Sets the content of HR's record from now on. */
  says(facts: StoredRecord['facts'], more?: Partial<Pick<StoredRecord, 'status' | 'endedAt'>>): void;
  /** @param sponsorLives see `AccessQuestion` */
  decide(now: Instant, trigger?: Trigger, sponsorLives?: boolean): Effects;
  /** Facts about the person beside HR's record, from an instant on. */
  has(description: PersonDescription, from: Instant): void;
  /** Decides and takes over nothing. */
  ask(now: Instant): DecidedPerson;
}

export const PERSON = '00000000-0000-4000-8000-000000000001';
export const HR_RECORD = '00000000-0000-4000-8000-000000000002';

const crm = crmTarget({ confirmWithin: 3_600_000, lastActivity: 'lastLogin' });

/** @param rules of the policy, beside those of `crm` and a lifecycle rule of five days' grace */
export function createLife(rules: Partial<PolicyDocument> = {}): Life {
  const names = ['employeeNumber', 'department', 'manager', 'sponsor', 'startDate', 'endDate'] as const;
  const attributes = Object.fromEntries(names.map((name) => [name, { type: name.endsWith('Date') ? ('date' as const) : ('string' as const) }]));
  const configuration = testConfiguration({
    attributes,
    targets: { crm },
    policy: {
      roles: { books: { name: 'books', title: 'Books', entitlements: ['crm.clerk'] } },
      entitlements: entitlementsOf('crm', ['buyer', 'payer', 'clerk']),
      birthright: [
        { name: 'buyers', when: 'identity.department == "Buying"', roles: [], entitlements: ['crm.buyer'] },
        { name: 'bookkeepers', when: 'identity.department == "Books"', roles: ['books'], entitlements: [] },
      ],
      lifecycle: [{ name: 'all', start: {}, end: { grace: 'P5D', then: 'delete' } }],
      ...rules,
    },
  });
  const { policy: document } = configuration;
  const context = { configuration, mappings: [compileMapping(crm, attributes)] };
  const inForce = { policy: compilePolicy(document, 1), managed: managedEntitlements(document) };
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `new-${ids}`;
  };
  const ask = (now: Instant, sponsorLives?: boolean): DecidedPerson => {
    const question = questionOf(life.person, inForce.policy, configuration, now, sponsorLives);
    const access = decideAccess(question);
    return frozen({ person: life.person, question, access, desired: accountsOf(life.person, access, inForce.policy, context, now) });
  };
  const life: Life = {
    observed: new Set(),
    person: {
      identity: unborn(),
      records: [],
      grants: [],
      accounts: [],
      operations: [],
      requested: [],
      exceptions: [],
      suspensions: [],
      sponsorship: null,
      applicationSessions: [],
    },
    says(facts, { status = 'active', endedAt = null } = {}) {
      life.person = { ...life.person, records: [{ ...hrRecord, facts, status, endedAt }] };
    },
    ask,
    has({ requested, exceptions, suspensions, observed = {} }, from) {
      const { person } = life;
      life.person = {
        ...person,
        requested: requested?.map((more) => approvedItem(PERSON, from, more)) ?? person.requested,
        exceptions: exceptions?.map((more) => grantedException(PERSON, from, more)) ?? person.exceptions,
        suspensions: suspensions?.map((more) => openSuspension(from, more)) ?? person.suspensions,
        accounts: person.accounts.map((account) => {
          const { at, ...shown } = observed[account.target] ?? { at: null };
          if (at === null) return account;
          const seen = observedAccount({ userName: account.desired.userName }, shown);
          return { ...account, nativeId: seen.nativeId, observed: seen, observedAt: at };
        }),
      };
    },
    decide(now, trigger = 'record', sponsorLives = undefined) {
      const effects = frozen(
        effectsOf(ask(now, sponsorLives), {
          ...context,
          applications: new Map(),
          inForce,
          trigger,
          observed: life.observed,
          correlationId: 'a-request',
          newId,
        }),
      );
      life.person = afterEffects(life.person, effects);
      return effects;
    },
  };
  return life;
}

const hrRecord: StoredRecord = {
  id: HR_RECORD,
  identityId: PERSON,
  source: 'hr',
  externalId: '1',
  version: '1',
  facts: {},
  groups: null,
  status: 'active',
  endedAt: null,
  recordedAt: '2026-01-01T00:00:00.000Z',
  emailTrusted: false,
};

function unborn(): StoredIdentity {
  const identity = mergeFacts({
    id: PERSON,
    userName: 'ann',
    userType: 'employee',
    createdAt: '2026-01-01T00:00:00.000Z',
    records: [],
    precedence: { default: ['hr'], attributes: {} },
    authoritative: ['hr'],
    now: '2026-01-01T00:00:00.000Z',
    timeZone: 'UTC',
  });
  return {
    ...identity,
    state: 'pre-hire',
    lifecycle: null,
    activations: {},
    endings: {},
    idleSince: null,
    lastActivityAt: null,
    reportedActivity: [],
    questions: [],
    policyVersion: null,
    nextWakeUp: null,
    decidedAt: null,
    revision: 0,
  };
}

/** A person as the next decision would read them. */
function afterEffects(person: Person, { after, grants, accounts, operations, items, exceptions }: Effects): Person {
  const superseded = new Set(operations.superseded.map(({ id }) => id));
  return {
    ...person,
    identity: after,
    grants: replaced(person.grants, [...grants.given, ...grants.changed, ...grants.ended]).filter(({ endedAt }) => endedAt === null),
    accounts: replaced(person.accounts, accounts),
    operations: [...person.operations.filter(({ id }) => !superseded.has(id)), ...operations.planned],
    requested: person.requested
      .map((item) => ({ ...item, ...items.find(({ id }) => id === item.id) }))
      .filter(({ status, endedWith }) => status === 'approved' || (endedWith ?? null) !== null),
    exceptions: person.exceptions.flatMap((one) => {
      const to = exceptions.find(({ id }) => id === one.id)?.endedWith;
      if (to === 'for good') return [];
      return [to === undefined ? one : { ...one, endedWith: to === 'restored' ? null : to }];
    }),
  };
}

function replaced<Row extends { readonly id: string }>(rows: readonly Row[], changed: readonly Row[]): readonly Row[] {
  const ids = new Set(changed.map(({ id }) => id));
  return [...rows.filter(({ id }) => !ids.has(id)), ...changed];
}

/** Freezes data, so that any change of data that was read, or of an effect, throws. */
function frozen<T>(value: T): T {
  // Compiled policies keep what they have compiled; only data is frozen.
  if (value === null || typeof value !== 'object' || Object.isFrozen(value) || !isData(value)) return value;
  Object.freeze(value);
  for (const [key, part] of Object.entries(value)) if (key !== 'policy') frozen(part);
  return value;
}

function isData(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
