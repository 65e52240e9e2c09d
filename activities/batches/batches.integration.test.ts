import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfiguration } from '@tenure/config';
import { DomainError } from '@tenure/domain';
import type { ActContext } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import fc from 'fast-check';
import { approveBatch } from '../../libs/engine/batches/approve-batch.ts';
import { discardBatch } from '../../libs/engine/batches/discard-batch.ts';
import type { Engine } from '../../libs/engine/decide/engine.ts';
import { finishImport } from '../../libs/engine/intake/finish-import.ts';
import { receiveRecords } from '../../libs/engine/intake/receive-records.ts';
import { stageRecords } from '../../libs/engine/intake/stage-records.ts';
import { createActivities } from '../index.ts';
import type { IncomingRecord } from '../../libs/engine/intake/incoming-record.ts';
import { createEngine } from '../../libs/engine/decide/create-engine.ts';
import { publishPolicy } from '../../libs/engine/policy/publish-policy.ts';

const tenureYaml = `
url: https://tenure.example.com
timeZone: UTC
attributes: { employeeNumber: { type: string }, department: { type: string } }
precedence: { default: [hr] }
sources: { hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
targets:
  ledger:
    kind: sql
    url: postgresql://nobody@127.0.0.1:1/ledger
    tls: none
    statements: { list: select 1, find: "select :userName", read: "select :nativeId", create: "select :userName", update: "select :nativeId, :full_name", enable: "select :nativeId", disable: "select :nativeId", delete: "select :nativeId", memberships: "select :nativeId", addMember: "select :nativeId, :entitlement", removeMember: "select :nativeId, :entitlement" }
    attributes: { full_name: identity.employeeNumber }
`;
/** The budget is so small that nearly everything waits for approval. */
const policies = ['Finance', 'Sales'].map(
  (department) => `
entitlements:
  ledger.staff: { target: ledger, value: staff }
  ledger.clerk: { target: ledger, value: clerk }
birthright:
  - { name: everybody, when: "true", entitlements: [ledger.staff] }
  - { name: clerks, when: 'identity.department == "${department}"', entitlements: [ledger.clerk] }
budget: { window: PT5S, limits: { create: { count: 4 }, disable: { count: 1 }, lose: { count: 1 }, gain: { count: 2 } } }
lifecycle:
  - { name: all, end: { grace: P30D, then: keep } }
`,
);
const people = 12;
const atATime = 4;
const runs = Number(process.env['BATCHES_RUNS'] ?? 3);

interface Said {
  readonly person: number;
  /** False: the last record of the person is sent again. */
  readonly isNews: boolean;
  readonly ends: boolean;
  readonly department: string;
}
type Act =
  | { readonly kind: 'records'; readonly said: readonly Said[] }
  | { readonly kind: 'import'; readonly said: readonly Said[]; readonly isComplete: boolean }
  | { readonly kind: 'release'; readonly which: number; readonly part: readonly number[] | null }
  | { readonly kind: 'discard'; readonly which: number }
  | { readonly kind: 'publish'; readonly policy: number }
  /** `dies`: number of heartbeats until then; `finishes`: true if it is still running when the last item is carried out. */
  | { readonly kind: 'work'; readonly dies: number; readonly finishes: boolean };

const person = fc.nat(people - 1);
const said = fc.record({
  person,
  isNews: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
  ends: fc.integer({ min: 0, max: 2 }).map((one) => one === 0),
  department: fc.constantFrom('Finance', 'Sales', 'Other'),
});
const someSaid = (least: number, most: number) => fc.uniqueArray(said, { minLength: least, maxLength: most, selector: (one) => one.person });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('records' as const), said: someSaid(1, 4) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('import' as const), said: someSaid(4, people), isComplete: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(3), part: fc.option(fc.array(person, { minLength: 1, maxLength: 4 })) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('discard' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('publish' as const), policy: fc.nat(policies.length - 1) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), dies: fc.nat(6), finishes: fc.boolean() }) },
);

let database: TestDatabase;
let directory: string;
let engines: readonly Engine[];
let run = 0;
/** Events over all runs, counted: each must occur, or the test proves nothing. */
const happened = { held: 0, parts: 0, carriedOut: 0, fellAway: 0, discarded: 0, killed: 0 };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-batches-'));
  engines = await Promise.all(
    policies.map(async (policy, index) => {
      const home = join(directory, String(index));
      await mkdir(join(home, 'policy'), { recursive: true });
      await writeFile(join(home, 'tenure.yaml'), tenureYaml);
      await writeFile(join(home, 'policy', 'access.yaml'), policy);
      return createEngine({ configuration: await loadConfiguration({ directory: home, environment: {} }) });
    }),
  );
  database = await createTestDatabase({ poolSize: atATime * 2 + 2 });
});
afterAll(async () => {
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

test('whatever is imported, released in part, discarded and killed: nothing that was released is left undone, and everybody has what was said last of what counts', async () => {
  const property = fc.asyncProperty(fc.array(act, { minLength: 100, maxLength: 100 }), playAll);
  const result = await fc.check(property, { numRuns: runs, endOnFailure: true });
  if (result.failed) throw new Error(`run ${run} of seed ${result.seed} failed`, { cause: result.errorInstance });
  process.stdout.write(`[batches] seed ${result.seed}: ${JSON.stringify(happened)}\n`);
  for (const count of Object.values(happened)) expect(count).toBeGreaterThan(0);
}, 300_000);

async function playAll(acts: readonly Act[]): Promise<void> {
  run += 1;
  await database.execute(
    'truncate identity, source_record, account, operation, operation_attempt, access_grant, wave, wave_member, batch_item, import_seen, budget_use, case_file, case_comment, outbox cascade',
  );
  const { store } = database;
  const start = Date.parse('2027-03-01T09:00:00.000Z') + run * 86_400_000;
  let ticks = 0;
  const now = (): string => new Date(start + ticks++ * 500).toISOString();
  const context = (): ActContext => ({ actor: { kind: 'system', id: 'test' }, correlationId: `run ${run}`, now: now() });
  const engine = (index = 0): Engine => engines[index % engines.length] as Engine;
  await store.transaction(context(), (tx) => publishPolicy(tx, engine()));

  /** Counter of versions: each is used once, for whatever person. */
  let versions = 0;
  const last = new Map<number, IncomingRecord>();
  const all = new Map<string, IncomingRecord>();
  const keyOf = (one: number): string => `p${String(one).padStart(2, '0')}`;
  const recordOf = (one: Said): IncomingRecord => {
    const known = last.get(one.person);
    if (known !== undefined && !one.isNews) return known;
    versions += 1;
    const record: IncomingRecord = {
      source: 'hr',
      externalId: keyOf(one.person),
      version: String(versions),
      facts: { employeeNumber: keyOf(one.person), department: one.department },
      status: one.ends ? 'ended' : 'active',
      endedAt: null,
    };
    last.set(one.person, record);
    all.set(record.version, record);
    return record;
  };
  /** Versions that came into force when they were sent. */
  const taken: { readonly key: string; readonly version: string }[] = [];

  const received = async (records: readonly IncomingRecord[]): Promise<void> => {
    const answers = await receiveRecords({ store, engine: engine() }, context(), 'hr', records);
    for (const [index, { outcome }] of answers.entries()) {
      const { externalId: key, version } = records[index] as IncomingRecord;
      // A record without new content is stored for its version.
      if (outcome === 'created' || outcome === 'updated' || outcome === 'unchanged') taken.push({ key, version });
    }
  };
  const imported = async (records: readonly IncomingRecord[], isComplete: boolean): Promise<void> => {
    const named = records.map(({ externalId }) => externalId);
    const { id } = await store.transaction(context(), (tx) => tx.imports.begin('hr', tx.context));
    const answers = await store.transaction(context(), (tx) =>
      stageRecords(tx, engine(), { importId: id, source: 'hr', named: named.map((sent) => ({ sent, knownAs: sent })) }, records),
    );
    const proof = { count: named.length, digest: createHash('sha256').update(named.toSorted().join('\n')).digest('hex') };
    await store.transaction(context(), (tx) => finishImport(tx, engine().configuration, { importId: id, source: 'hr', proof: isComplete ? proof : null }));
    // A record without new content is stored, unless it became news meanwhile. A part of it may have been approved at this moment, and its items with
    // it.
    const own = await database.execute('select i.key from batch_item i join wave w on w.id = i.batch_id where w.id = ? or w.part_of = ?', [id, id]);
    const items = new Set(own.map(({ key }) => key));
    for (const [index, { outcome }] of answers.entries())
      if (outcome === 'unchanged' && !items.has(named[index])) taken.push({ key: named[index] ?? '', version: records[index]?.version ?? '0' });
  };
  const waiting = async (): Promise<readonly { id: string; digest: string; isPolicy: boolean }[]> =>
    (
      await database.execute(
        `select id, plan->>'digest' as digest, policy_digest is not null as policy from wave where standing = 'held' and plan is not null order by id`,
      )
    ).map(({ id, digest, policy }) => ({ id: String(id), digest: String(digest), isPolicy: policy === true }));
  const released = async (which: number, part: readonly number[] | null): Promise<void> => {
    const batches = await waiting();
    const batch = batches[which % Math.max(1, batches.length)];
    if (batch === undefined) return;
    const ids =
      part === null || batch.isPolicy
        ? null
        : await database.execute(`select distinct identity_id as id from batch_item where identity_id is not null and key = any(string_to_array(?, ','))`, [
            part.map(keyOf).join(),
          ]);
    const { approval } = await approveBatch({ store, engine: engine() }, context(), batch.id, {
      digest: batch.digest,
      reason: 'test',
      part: ids === null ? {} : { identityIds: ids.map(({ id }) => String(id)) },
    });
    expect(approval.scheduled > 0).toBe(approval.scheduledIn !== null);
  };
  const worked = async (dies: number, finishes: boolean): Promise<void> => {
    const free = await database.execute(`select id from wave where standing = 'free' and finished_at is null order by created_at`);
    const first = free[dies % Math.max(1, free.length)];
    if (first === undefined) return;
    let signs = 0;
    const alive = (): void => {
      signs += 1;
      if (signs > dies) throw new Killed();
    };
    const activities = createActivities({ store, engine: engine(), connectors: {}, clock: now, alive });
    await carryOut(activities, String(first['id']), finishes).catch(async (error: unknown) => {
      if (!(error instanceof Killed)) throw error;
      happened.killed += 1;
      // The work of the killed worker is given to another one, which does not know its progress.
      await carryOut(createActivities({ store, engine: engine(), connectors: {}, clock: now, alive: () => undefined }), String(first['id']), true);
    });
  };
  const perform = async (one: Act): Promise<unknown> => {
    switch (one.kind) {
      case 'records':
        return received(one.said.map(recordOf));
      case 'import':
        return imported(one.said.map(recordOf), one.isComplete);
      case 'release':
        return released(one.which, one.part);
      case 'discard': {
        const batches = await waiting();
        const batch = batches[one.which % Math.max(1, batches.length)];
        return batch && discardBatch({ store }, context(), batch.id, 'test');
      }
      case 'publish':
        return store.transaction(context(), (tx) => publishPolicy(tx, engine(one.policy)));
      case 'work':
        return worked(one.dies, one.finishes);
    }
  };

  await imported(
    Array.from({ length: people }, (_, index) => recordOf({ person: index, isNews: true, ends: false, department: 'Sales' })),
    false,
  );
  for (let from = 0; from < acts.length; from += atATime) {
    const together = await Promise.allSettled(acts.slice(from, from + atATime).map(perform));
    for (const one of together) if (one.status === 'rejected' && !(one.reason instanceof DomainError)) throw one.reason;
  }

  // Quiet: waiting batches are decided, and the worker carries out all of them.
  const calm = createActivities({ store, engine: engine(), connectors: {}, clock: now, alive: () => undefined });
  const settle = async (): Promise<void> => {
    for (;;) {
      const [first] = await database.execute(`select id from wave where standing = 'free' and finished_at is null order by created_at limit 1`);
      if (first === undefined) return;
      await carryOut(calm, String(first['id']), true);
    }
  };
  for (let turn = 0; turn < 100; turn += 1) {
    await settle();
    const [batch] = await waiting();
    if (batch === undefined) break;
    await approveBatch({ store, engine: engine() }, context(), batch.id, { digest: batch.digest, reason: 'test', part: {} }).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
    });
  }
  await settle();
  expect(await waiting()).toEqual([]);
  await mustBeSettled(taken, all);

  // People who are named now are there if their last record says so; the others have left.
  const named = Array.from({ length: people }, (_, index) => index).filter((index) => index % 3 > 0);
  const again = (one: number): IncomingRecord => recordOf({ person: one, isNews: false, ends: false, department: 'Sales' });
  // The night before, the export was incomplete, and nobody has decided about it.
  await imported([again(0)], true);
  await settle();
  await imported(named.map(again), true);
  await settle();
  for (const batch of await waiting()) await approveBatch({ store, engine: engine() }, context(), batch.id, { digest: batch.digest, reason: 'test', part: {} });
  await settle();
  const states = await database.execute(
    'select r.external_id as key, r.version, r.status, i.state from source_record r join identity i on i.id = r.identity_id order by 1',
  );
  for (const { key, version, state } of states) {
    const isNamed = named.map(keyOf).includes(String(key));
    const wanted = isNamed && all.get(String(version))?.status === 'active' ? 'active' : 'leaving';
    expect([key, version, state]).toEqual([key, version, wanted]);
  }
  expect((await store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  await count();
}

async function count(): Promise<void> {
  const [waves] = await database.execute(
    `select count(*) filter (where plan is not null and decided_by is not null)::int as held, count(*) filter (where part_of is not null)::int as parts from wave`,
  );
  const [items] = await database.execute(
    `select count(*) filter (where result = 'carried-out')::int as "carriedOut", count(*) filter (where result = 'fell-away')::int as "fellAway",
     count(*) filter (where result = 'discarded')::int as discarded from batch_item`,
  );
  for (const [name, times] of Object.entries({ ...waves, ...items })) happened[name as keyof typeof happened] += Number(times);
}

/**
 * Checks that nothing is approved and not carried out, every result is right, and the state in force is the newest of the versions that came into
 * force.
 */
async function mustBeSettled(taken: readonly { readonly key: string; readonly version: string }[], all: ReadonlyMap<string, IncomingRecord>): Promise<void> {
  expect(await database.execute(`select w.id from wave w where standing = 'free' and finished_at is null`)).toEqual([]);
  expect(
    await database.execute(`select i.key, w.standing from batch_item i join wave w on w.id = i.batch_id where i.result = 'pending' and w.standing <> 'held'`),
  ).toEqual([]);
  const undone = `select i.key, i.reason from batch_item i left join source_record r on r.source = i.source and r.external_id = i.key where i.source is not null and
    (i.result = 'carried-out' and r.version::numeric < i.version::numeric or i.reason = 'in-force' and r.version::numeric < i.version::numeric)`;
  expect(await database.execute(undone)).toEqual([]);
  const carried = (
    await database.execute(`select key, version from batch_item where source is not null and (result = 'carried-out' or reason = 'in-force')`)
  ).map(({ key, version }) => ({
    key: String(key),
    version: String(version),
  }));
  const newest = new Map<string, number>();
  for (const { key, version } of [...taken, ...carried]) newest.set(key, Math.max(newest.get(key) ?? 0, Number(version)));
  const rows = await database.execute(
    'select r.external_id as key, r.version, r.status, r.vanished_at is not null as vanished, i.state from source_record r join identity i on i.id = r.identity_id order by 1',
  );
  expect(Object.fromEntries(rows.map(({ key, version }) => [key, Number(version)]))).toEqual(Object.fromEntries([...newest].sort()));
  for (const { key, version, status, vanished, state } of rows) {
    const isHere = vanished !== true && all.get(String(version))?.status === 'active';
    expect([key, status, state]).toEqual([key, isHere ? 'active' : 'ended', isHere ? 'active' : 'leaving']);
  }
}

class Killed extends Error {}

async function carryOut(activities: ReturnType<typeof createActivities>, waveId: string, finishes: boolean): Promise<void> {
  const named = { waveId, correlationId: 'c' };
  for (let again = true; again; ) {
    for (let after: string | null = null; ; ) {
      const { upTo } = await activities.planWave({ ...named, after });
      if (upTo === null) break;
      after = upTo;
    }
    if (!finishes) throw new Killed();
    ({ again } = await activities.finishWave(named));
  }
}
