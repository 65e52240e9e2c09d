import { randomUUID } from 'node:crypto';
import type { RepairInput, RepairPlan } from '@tenure/domain';
import type { StoredRepair } from '@tenure/store';
import type { Caller } from '../../callers/caller.ts';
import { decideIdentity } from '../../decide/decide-identities.ts';
import { crmTarget, entitlementsOf, testConfiguration, testProvider, testSource } from '../../testing/configuration.ts';
import { createTestEngine, type TestEngine } from '../../testing/test-engine.ts';
import { approveRepair, discardRepair, planRepair, repairAs } from '../repair-as.ts';

/** A company with two applications, where identities are repaired. */
export interface RepairWorld extends TestEngine {
  now: string;
  plan(input: RepairInput, by?: Caller): Promise<RepairPlan>;
  /** Plans a repair, and carries out what was planned. */
  repair(input: RepairInput, by?: Caller): Promise<StoredRepair>;
  /** Carries out a repair whose plan was read before. */
  carryOut(input: RepairInput, digest: string, by?: Caller): Promise<StoredRepair>;
  approve(repair: StoredRepair, by: Caller): Promise<StoredRepair>;
  discard(repair: StoredRepair, by: Caller): Promise<StoredRepair>;
  /** An administrator's session. */
  admin(personId: string): Caller;
  /** State, grants and accounts of a person, by name or id. */
  view(name: string): Promise<unknown>;
  /** Binds a login to a person, by a record of it. */
  login(identityId: string, subject: string, provider: string): Promise<void>;
  /** Id of the record of a login. */
  recordOf(subject: string): string;
  decide(name: string): Promise<void>;
  merge(from: string, into: string, accountsOfFrom?: readonly string[]): RepairInput;
}

const attributes = Object.fromEntries(
  ['displayName', 'email', 'employeeNumber', 'department', 'manager', 'givenName'].map((name) => [name, { type: 'string' as const }]),
);

export const repairConfiguration = testConfiguration({
  attributes,
  sources: {
    hr: testSource('hr', { correlate: [{ attribute: 'employeeNumber' }] }),
    feed: testSource('feed', { correlate: [{ attribute: 'employeeNumber' }] }),
  },
  identityProviders: {
    corp: testProvider('corp', { correlate: [{ attribute: 'employeeNumber' }] }),
    other: testProvider('other', { correlate: [{ attribute: 'employeeNumber' }] }),
  },
  targets: { crm: crmTarget({ attributes: { displayName: 'identity.displayName' } }), erp: crmTarget({ name: 'erp', title: 'ERP' }) },
  policy: {
    entitlements: {
      ...entitlementsOf('crm', ['clerk', 'buyer', 'payer']),
      ...entitlementsOf('erp', ['user']),
      'tenure.admin': { name: 'tenure.admin', title: 'admin', target: 'tenure', value: 'admin' },
    },
    birthright: [
      { name: 'sales', when: 'identity.department == "Sales"', roles: [], entitlements: ['crm.clerk'] },
      { name: 'buying', when: 'identity.department == "Buying"', roles: [], entitlements: ['crm.buyer', 'erp.user'] },
      { name: 'paying', when: 'identity.department == "Paying"', roles: [], entitlements: ['crm.payer'] },
      { name: 'it', when: 'identity.department == "IT"', roles: [], entitlements: ['tenure.admin'] },
    ],
    separation: [{ name: 'money', conflicting: [['crm.buyer'], ['crm.payer']], atMost: 1, priority: ['crm.buyer'] }],
    relations: { manager: { attribute: 'manager', by: 'employeeNumber' } },
    requestable: [
      {
        name: 'pay',
        roles: [],
        entitlements: ['crm.payer'],
        longest: 'P90D',
        stages: [{ name: 'manager', approvers: [{ kind: 'manager' }], quorum: 1, deadline: 'P5D', escalateTo: [], otherwise: 'deny' }],
      },
      { name: 'free', roles: [], entitlements: ['erp.user', 'crm.clerk'], longest: 'P90D', stages: [] },
    ],
    lifecycle: [
      {
        name: 'all',
        start: {},
        end: { grace: 'P5D', then: 'delete', transfer: { to: { attribute: 'manager', by: 'employeeNumber' }, what: ['owned-groups'] } },
      },
    ],
  },
});

export async function createRepairWorld(configuration = repairConfiguration): Promise<RepairWorld> {
  let now = '2026-03-02T09:00:00.000Z';
  const test = await createTestEngine(configuration, () => now);
  const root: Caller = {
    kind: 'service',
    id: randomUUID(),
    personId: null,
    roles: new Set(['admin', 'operator']),
    sources: new Set(),
    sessionId: null,
    expiresAt: '2099-01-01T00:00:00.000Z',
  };
  const records = new Map<string, string>();
  const contextOf = (by: Caller) => () => ({ ...test.context(), actor: { kind: by.kind, id: by.id } });
  const dependencies = (by: Caller) => ({ store: test.database.store, engine: test.engine, context: contextOf(by) });
  const decision = (digest: string) => ({ digest, reason: 'it is one person, says Ann' });
  const world: Omit<RepairWorld, keyof TestEngine> = {
    get now() {
      return now;
    },
    set now(instant) {
      now = instant;
    },
    plan: (input, by = root) => planRepair(dependencies(by), by, input),
    carryOut: (input, digest, by = root) => repairAs(dependencies(by), by, input, decision(digest)),
    async repair(input, by = root) {
      return repairAs(dependencies(by), by, input, decision((await planRepair(dependencies(by), by, input)).digest));
    },
    approve: (repair, by) => approveRepair(dependencies(by), by, repair.id, decision(repair.digest)),
    discard: (repair, by) => discardRepair(dependencies(by), by, repair.id, 'not the same person'),
    async login(identityId, subject, provider) {
      const issuer = `https://${provider}.example`;
      const { recordId } = await test.take({
        source: provider,
        externalId: `${issuer}|${subject}`,
        version: String(Date.parse(now)),
        status: null,
        boundTo: identityId,
        login: { issuer, nameIdFormat: null },
      });
      records.set(subject, recordId ?? '');
      const bound = { issuer, subject, provider, identityId, boundAt: now, lastLoginAt: now, nameIdFormat: null, keys: {} };
      await test.act((tx) => tx.logins.admit(bound, { expiresAt: '2026-12-01T00:00:00.000Z', idleSeconds: null }, null));
    },
    recordOf: (subject) => records.get(subject) ?? '',
    decide: async (name) => void (await test.act((tx) => decideIdentity(tx, test.engine, test.id(name), 'timer'))),
    admin: (personId) => ({ ...root, kind: 'person', id: personId, personId }),
    merge: (from, into, accountsOfFrom = []) => ({
      kind: 'merge-identities',
      fromIdentityId: test.id(from),
      intoIdentityId: test.id(into),
      accountsOfFrom,
    }),
    view: (name) =>
      test.read(async (tx) => {
        const id = test.id(name) || name;
        const person = await tx.identities.get(id);
        const grants = (await tx.access.currentGrants([id])).map((grant) => grant.name).sort();
        const accounts = (await tx.access.accountsOf([id])).map(({ target, desired, nativeId }) => [target, desired.state, nativeId]);
        return { state: person?.state, grants, accounts };
      }),
  };
  return Object.defineProperties(test, Object.getOwnPropertyDescriptors(world)) as RepairWorld;
}
