import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Configuration, loadConfiguration } from '@tenure/config';
import { DomainError } from '@tenure/domain';
import type { ActContext } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import fc from 'fast-check';
import type { Engine } from '../libs/engine/decide/engine.ts';
import { withdrawTermination, terminate } from '../libs/engine/leavers/terminate.ts';
import { openRequest } from '../libs/engine/requests/open-request.ts';
import { planBatch } from './batches/plan-batch.ts';
import { createEngine } from '../libs/engine/decide/create-engine.ts';
import { publishPolicy } from '../libs/engine/policy/publish-policy.ts';
import { takeRecord } from '../libs/engine/intake/take-records.ts';
import { decideIdentity, decideIdentities } from '../libs/engine/decide/decide-identities.ts';

const tenureYaml = `
url: https://tenure.example.com
timeZone: UTC
attributes:
  employeeNumber: { type: string }
  department: { type: string }
  manager: { type: string }
precedence: { default: [hr] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  contoso: { protocol: oidc, issuer: https://login.contoso.example, clientId: tenure, mayCreate: true, correlate: [{ attribute: employeeNumber }] }
targets:
  ledger:
    kind: sql
    url: postgresql://nobody@127.0.0.1:1/ledger
    tls: none
    statements: { list: select 1, find: "select :userName", read: "select :nativeId", create: "select :userName", update: "select :nativeId, :full_name", enable: "select :nativeId", disable: "select :nativeId", delete: "select :nativeId", memberships: "select :nativeId", addMember: "select :nativeId, :entitlement", removeMember: "select :nativeId, :entitlement" }
    attributes: { full_name: identity.employeeNumber }
`;
/** Versions of the policy that replace each other: each gives people other grants. */
const policies = ['Finance', 'Sales', 'Other'].map(
  (department) => `
entitlements:
  ledger.staff: { target: ledger, value: staff }
  ledger.clerk: { target: ledger, value: clerk }
  ledger.release: { target: ledger, value: release }
  ledger.archive: { target: ledger, value: archive }
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - { name: archive, entitlements: [ledger.archive], maximumDuration: P30D, stages: [] }
birthright:
  - { name: everybody, when: "true", entitlements: [ledger.staff] }
  - { name: clerks, when: 'identity.department == "${department}"', entitlements: [ledger.clerk] }
  - { name: releasing, when: 'identity.department != "Other"', entitlements: [ledger.release] }
separation:
  - { name: both, conflicting: [ledger.clerk, ledger.release], priority: [ledger.clerk] }
lifecycle:
  - { name: all, end: { grace: P30D, then: keep } }
`,
);
const people = 5;
/** Number of acts at a time; each is a transaction of its own. */
const atATime = 6;

type Act =
  | { readonly kind: 'record'; readonly person: number; readonly department: string; readonly ended: boolean }
  | { readonly kind: 'login' | 'terminate' | 'lift' | 'ask' | 'decide'; readonly person: number }
  | { readonly kind: 'publish'; readonly policy: number };
const person = fc.nat(people - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      person,
      department: fc.constantFrom('Finance', 'Sales', 'Other'),
      ended: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('login', 'login', 'terminate', 'lift', 'ask', 'decide'), person }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('publish' as const), policy: fc.nat(policies.length - 1) }) },
);

let database: TestDatabase;
let directory: string;
let engines: readonly Engine[];
let run = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-concurrent-'));
  const configurations: Configuration[] = [];
  for (const [index, policy] of policies.entries()) {
    const home = join(directory, String(index));
    await mkdir(join(home, 'policy'), { recursive: true });
    await writeFile(join(home, 'tenure.yaml'), tenureYaml);
    await writeFile(join(home, 'policy', 'access.yaml'), policy);
    configurations.push(await loadConfiguration({ directory: home, environment: {} }));
  }
  engines = configurations.map((configuration) => createEngine({ configuration }));
  database = await createTestDatabase({ poolSize: atATime + 2 });
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

test('whatever happens at the same time, everybody has in the end what the question asked once more would give', async () => {
  const result = await fc.check(fc.asyncProperty(fc.array(act, { minLength: 60, maxLength: 60 }), runTogether), { numRuns: 4, endOnFailure: true });
  if (result.failed) throw new Error(fc.defaultReportMessage(result) ?? 'failed');
});

async function runTogether(acts: readonly Act[]): Promise<void> {
  run += 1;
  const { store } = database;
  const start = Date.parse('2027-03-01T09:00:00.000Z') + run * 3_600_000;
  const contextAt = (index: number): ActContext => ({
    actor: { kind: 'system', id: 'test' },
    correlationId: `run ${run} act ${index}`,
    now: new Date(start + index * 1000).toISOString(),
  });
  await store.transaction(contextAt(0), (tx) => publishPolicy(tx, engine(0)));
  const ids = new Map<number, string>();
  const hr = async (index: number, person: number, department: string, ended: boolean): Promise<void> => {
    const facts = { employeeNumber: `${run}-${person}`, department, manager: `${run}-${(person + 1) % people}` };
    const record = {
      source: 'hr',
      externalId: `${run}-${person}`,
      version: String(index + 1),
      facts,
      status: ended ? ('ended' as const) : ('active' as const),
      endedAt: null,
    };
    const { identityId } = await store.transaction(contextAt(index), (tx) => takeRecord(tx, engine(index), record));
    if (identityId !== null) ids.set(person, identityId);
  };
  for (let index = 0; index < people - 1; index += 1) await hr(index, index, 'Sales', false);

  const perform = async (one: Act, index: number): Promise<unknown> => {
    if (one.kind === 'publish') {
      await store.transaction(contextAt(index), (tx) => publishPolicy(tx, engine(one.policy)));
      return goOverEverybody(contextAt(index));
    }
    if (one.kind === 'record') return hr(index, one.person, one.department, one.ended);
    const identityId = ids.get(one.person);
    return store.transaction(contextAt(index), async (tx): Promise<unknown> => {
      if (one.kind === 'login') {
        const facts = { employeeNumber: `${run}-${one.person}` };
        const externalId = `https://login.contoso.example|${run}-${one.person}`;
        return takeRecord(tx, engine(index), { source: 'contoso', externalId, version: String(index), facts, status: null, endedAt: null }, 'login');
      }
      if (identityId === undefined) return null;
      if (one.kind === 'terminate') return terminate(tx, engine(index), identityId, 'test');
      if (one.kind === 'lift') return withdrawTermination(tx, engine(index), identityId, 'test');
      if (one.kind === 'decide') return decideIdentity(tx, engine(index), identityId, 'timer');
      const items = [{ kind: 'entitlement' as const, name: 'ledger.archive', duration: 'P5D' }];
      return openRequest(tx, engine(index), { identityId, requestedBy: identityId, justification: 'test', items });
    });
  };
  for (let from = 0; from < acts.length; from += atATime) {
    const together = await Promise.allSettled(acts.slice(from, from + atATime).map((one, index) => perform(one, people + from + index)));
    // Refusals, such as of access that is not offered, are results like any other.
    for (const one of together) if (one.status === 'rejected' && !(one.reason instanceof DomainError)) throw one.reason;
  }
  const end = people + acts.length;
  const all = await database.execute('select distinct identity_id as id from source_record where source = ? and external_id like ?', ['hr', `${run}-%`]);
  expect(all.length).toBeLessThanOrEqual(people);
  const identityIds = all.map(({ id }) => String(id));
  const before = await standing(identityIds);
  expect(new Set(before.map(({ version }) => version)).size).toBe(1);
  await store.transaction(contextAt(end + 1), (tx) => decideIdentities(tx, engine(0), identityIds, 'timer'));
  expect(await standing(identityIds)).toEqual(before);
  expect(await store.read((tx) => tx.audit.verify())).toMatchObject({ problems: [] });
}

/** Decides all batch runs that there are by now at once, beside the other acts. */
async function goOverEverybody(context: ActContext): Promise<void> {
  const { store } = database;
  const waves = await database.execute('select id from wave where correlation_id = ?', [context.correlationId]);
  for (const waveId of waves.map(({ id }) => String(id))) {
    for (let after: string | null = null; ; ) {
      const { upTo } = await planBatch({ store, engine: engine(0), context: () => context, say: () => undefined }, { waveId, correlationId: 'waves', after });
      if (upTo === null) break;
      after = upTo;
    }
  }
}

const engine = (index: number): Engine => {
  const one = engines[index % engines.length];
  if (one === undefined) throw new Error('there is an engine for each policy');
  return one;
};

/** Decided state of people, without the instants of the decisions. */
async function standing(identityIds: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return database.execute(
    `select i.id, i.state, i.policy_version as version, i.attributes, i.lifecycle, i.next_wake_up,
       (select json_agg(json_build_array(g.name, g.origins, g.valid_from, g.valid_until) order by g.name) from access_grant g where g.identity_id = i.id and g.ended_at is null) as grants,
       (select json_agg(json_build_array(a.target, a.desired) order by a.target) from account a where a.identity_id = i.id) as accounts,
       (select json_agg(json_build_array(o.kind, o.change) order by o.created_at, o.position) from operation o where o.identity_id = i.id and o.status = 'pending') as operations
     from identity i where i.id = any(?::uuid[]) order by i.id`,
    [`{${identityIds.join(',')}}`],
  );
}
