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
import { undoBatchAs } from '../../libs/engine/batches/undo/undo-batch.ts';
import type { Caller } from '../../libs/engine/callers/caller.ts';
import { createEngine } from '../../libs/engine/decide/create-engine.ts';
import type { Engine } from '../../libs/engine/decide/engine.ts';
import { finishImport } from '../../libs/engine/intake/finish-import.ts';
import type { IncomingRecord } from '../../libs/engine/intake/incoming-record.ts';
import { receiveRecords } from '../../libs/engine/intake/receive-records.ts';
import { stageRecords } from '../../libs/engine/intake/stage-records.ts';
import { publishPolicy } from '../../libs/engine/policy/publish-policy.ts';
import { createActivities } from '../index.ts';

const tenureYaml = `
url: https://tenure.example.com
attributes: { employeeNumber: { type: string }, department: { type: string } }
precedence: { default: [hr] }
sources: { hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
targets: {}
`;
const accessYaml = `
entitlements: { tenure.auditor: { target: tenure, value: auditor } }
birthright: [{ name: auditors, when: 'identity.department == "Audit"', entitlements: [tenure.auditor] }]
`;
const people = 5;
const runs = Number(process.env['UNDO_RUNS'] ?? 2);

interface Said {
  readonly person: number;
  readonly department: string;
  readonly ends: boolean;
}
type Act =
  | { readonly kind: 'import' | 'records'; readonly said: readonly Said[] }
  /** `which`: an earlier import or undo, counted from the newest; `part`: people whose items alone are approved. */
  | { readonly kind: 'undo'; readonly which: number; readonly part: readonly number[] | null };

const said = fc.uniqueArray(
  fc.record({ person: fc.nat(people - 1), department: fc.constantFrom('Sales', 'Finance'), ends: fc.integer({ min: 0, max: 3 }).map((one) => one === 0) }),
  { minLength: 1, maxLength: people, selector: ({ person }) => person },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('import' as const), said }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('records' as const), said }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('undo' as const),
      which: fc.nat(4),
      part: fc.option(fc.uniqueArray(fc.nat(people - 1), { minLength: 1 }), { freq: 4 }),
    }),
  },
);

/** Content of a record, as the model knows it: department and status, or withdrawn. */
type Content = string;
/** Cause of a change of a record: its batch change (`null`: none), and the content before. */
interface Change {
  readonly by: string | null;
  readonly before: Content | null;
}
interface Modelled {
  content: Content;
  /** Content that the source stated last. */
  stated: Content;
  readonly changes: Change[];
}
const withdrawn: Content = 'withdrawn';
const contentOf = ({ department, ends }: Said): Content => `${department} ${ends ? 'ended' : 'active'}`;

let database: TestDatabase;
let directory: string;
let engine: Engine;
const happened = { restored: 0, newer: 0, nothingLeft: 0 };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-undo-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml);
  engine = createEngine({ configuration: await loadConfiguration({ directory, environment: {} }) });
  database = await createTestDatabase();
});
afterAll(async () => {
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

test('whatever is imported, sent and undone, in whatever order: each record is as before the changes that were undone and that nothing newer follows', async () => {
  const property = fc.asyncProperty(fc.array(act, { minLength: 40, maxLength: 40 }), playAll);
  const result = await fc.check(property, { numRuns: runs, endOnFailure: true });
  if (result.failed) throw new Error(`seed ${result.seed} failed`, { cause: result.errorInstance });
  process.stdout.write(`[undo] seed ${result.seed}: ${JSON.stringify(happened)}\n`);
  expect(happened.restored).toBeGreaterThan(0);
}, 300_000);

async function playAll(acts: readonly Act[]): Promise<void> {
  await database.execute(
    'truncate identity, source_record, account, access_grant, wave, wave_member, batch_item, import_seen, budget_use, case_file, outbox cascade',
  );
  const { store } = database;
  let ticks = 0;
  const now = (): string => new Date(Date.parse('2027-03-01T09:00:00.000Z') + ticks++ * 60_000).toISOString();
  const context = (): ActContext => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: now() });
  await store.transaction(context(), (tx) => publishPolicy(tx, engine));
  const activities = createActivities({ store, engine, connectors: {}, clock: now, alive: () => undefined });
  const carryOut = async (waveId: string): Promise<void> => {
    for (let again = true; again; ) {
      await activities.planWave({ waveId, correlationId: 'c', after: null });
      ({ again } = await activities.finishWave({ waveId, correlationId: 'c' }));
    }
  };

  const model = new Map<number, Modelled>();
  /** Imports and undoes, the newest first. */
  const batches: string[] = [];
  let versions = 0;
  const keyOf = (person: number): string => `p${person}`;
  const recordOf = (one: Said): IncomingRecord => {
    versions += 1;
    const facts = { employeeNumber: keyOf(one.person), department: one.department };
    return { source: 'hr', externalId: keyOf(one.person), version: String(versions), facts, status: one.ends ? 'ended' : 'active', endedAt: null };
  };
  const noted = (some: readonly Said[], by: string | null): void => {
    for (const one of some) {
      const content = contentOf(one);
      const known = model.get(one.person);
      if (known === undefined) model.set(one.person, { content, stated: content, changes: [{ by, before: null }] });
      // A newer version without other content is no change, unless something else than the source's word is in force.
      else if (known.content !== content || known.stated !== known.content) known.changes.push({ by, before: known.content });
      if (known !== undefined) Object.assign(known, { content, stated: content });
    }
  };

  const imported = async (some: readonly Said[]): Promise<void> => {
    const records = some.map(recordOf);
    const named = records.map(({ externalId }) => ({ sent: externalId, knownAs: externalId }));
    const { id } = await store.transaction(context(), (tx) => tx.imports.begin('hr', tx.context));
    await store.transaction(context(), (tx) => stageRecords(tx, engine, { importId: id, source: 'hr', named }, records));
    await store.transaction(context(), (tx) => finishImport(tx, engine.configuration, { importId: id, source: 'hr', proof: null }));
    await carryOut(id);
    batches.unshift(id);
    noted(some, id);
  };
  const undone = async (which: number, part: readonly number[] | null): Promise<void> => {
    const id = batches[which % Math.max(1, batches.length)];
    if (id === undefined) return;
    const expected = [...model].filter(([, { changes }]) => changes.at(-1)?.by === id).map(([person]) => person);
    const undo = await undoBatchAs({ store, engine, caller: administrator }, context(), id, 'test').catch((error: unknown) => {
      if (!(error instanceof DomainError) || !/nothing of the batch change/.test(error.message)) throw error;
      return null;
    });
    expect([id, undo === null]).toEqual([id, expected.length === 0]);
    if (undo === null) return void (happened.nothingLeft += 1);
    const tally = (await store.read((tx) => tx.batchItems.tally([undo.id]))).get(undo.id);
    expect([id, tally?.pending]).toEqual([id, expected.length]);
    happened.newer += tally?.fellAway ?? 0;
    const chosen = part === null ? expected : expected.filter((person) => part.includes(person));
    const ids = await database.execute(`select identity_id as id from source_record where external_id = any(string_to_array(?, ','))`, [
      chosen.map(keyOf).join(),
    ]);
    if (chosen.length > 0) {
      const release = { digest: undo.plan.digest, reason: 'test', part: part === null ? {} : { identityIds: ids.map((row) => String(row['id'])) } };
      const { approval } = await approveBatch({ store, engine }, context(), undo.id, release);
      await carryOut(approval.scheduledIn ?? '');
      // What was approved as a part is a batch change of its own, which is undone by its id.
      batches.unshift(approval.scheduledIn ?? '');
      for (const person of chosen) restored(person, approval.scheduledIn ?? '');
    }
    await database.execute(`update wave set standing = 'discarded', finished_at = ? where id = ? and standing = 'held'`, [now(), undo.id]);
    await database.execute(`update batch_item set result = 'discarded' where batch_id = ? and result = 'pending'`, [undo.id]);
  };
  const restored = (person: number, by: string): void => {
    const known = model.get(person);
    const last = known?.changes.at(-1);
    if (known === undefined || last === undefined) throw new Error('nothing to restore');
    happened.restored += 1;
    known.changes.push({ by, before: known.content });
    known.content = last.before ?? withdrawn;
  };

  for (const one of acts) {
    if (one.kind === 'import') await imported(one.said);
    else if (one.kind === 'undo') await undone(one.which, one.part);
    else {
      await receiveRecords({ store, engine }, context(), 'hr', one.said.map(recordOf));
      noted(one.said, null);
    }
    const rows = await database.execute(
      `select external_id as key, case when withdrawn_at is not null then 'withdrawn' else facts->>'department' || ' ' || status end as content from source_record order by 1`,
    );
    const wanted = [...model].map(([person, { content }]) => [keyOf(person), content]).sort();
    expect([one, rows.map(({ key, content }) => [key, content])]).toEqual([one, wanted]);
  }
  const states = await database.execute(
    `select r.external_id as key, i.state = 'active' as is_in, r.status = 'active' as is_stated from source_record r join identity i on i.id = r.identity_id`,
  );
  for (const { key, is_in, is_stated } of states) expect([key, is_in]).toEqual([key, is_stated]);
  expect((await store.read((tx) => tx.audit.verify())).problems).toEqual([]);
}

const administrator: Caller = {
  kind: 'service',
  id: '00000000-0000-4000-8000-0000000000aa',
  personId: null,
  roles: new Set(['admin']),
  sources: new Set(),
  sessionId: null,
  expiresAt: '2099-01-01T00:00:00.000Z',
};
