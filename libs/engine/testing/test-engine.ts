import { randomUUID } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import type { Facts, Instant, Trigger } from '@tenure/domain';
import type { ActContext, Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createEngine } from '../decide/create-engine.ts';
import type { Engine } from '../decide/engine.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import { takeRecord } from '../intake/take-records.ts';
import type { TakenRecord } from '../intake/taken-record.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { knowOf } from './know-of.ts';
import type { PersonDescription } from './person.ts';

/** An engine on a database of its own, with a clock of the test, and people by the names that the test gives them. */
export interface TestEngine {
  readonly database: TestDatabase;
  /** Engine with the configuration that was used last. */
  readonly engine: Engine;
  /** Puts another configuration in force. */
  use(configuration: Configuration): Promise<void>;
  context(): ActContext;
  act<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  read<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Takes a record: HR's of an active person, in its first version, unless set otherwise. */
  take(record: Partial<IncomingRecord>, trigger?: Trigger): Promise<TakenRecord>;
  /** Records HR's facts about a person from now on, in the next version; a new person is created. @returns the identity's id */
  says(name: string, facts?: Facts, more?: Partial<IncomingRecord>): Promise<string>;
  /** Facts about a person beside their records, as if they had been recorded. */
  has(name: string, description: PersonDescription): Promise<void>;
  /** Id of the identity of this name; empty: nobody has it. */
  id(name: string): string;
  stop(): Promise<void>;
}

/** @param now of each transaction; the present unless given */
export async function createTestEngine(configuration: Configuration, now: () => Instant = () => new Date().toISOString()): Promise<TestEngine> {
  const database = await createTestDatabase();
  const { store } = database;
  const ids = new Map<string, string>();
  let versions = 0;
  let records = 0;
  let engine = createEngine({ configuration });
  const context = (): ActContext => ({ actor: { kind: 'system', id: 'test' }, correlationId: randomUUID(), now: now() });
  const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(context(), work);
  const take: TestEngine['take'] = (record, trigger) => {
    records += 1;
    const incoming: IncomingRecord = { source: 'hr', externalId: `record-${records}`, version: '1', facts: {}, status: 'active', endedAt: null, ...record };
    return act((tx) => takeRecord(tx, engine, incoming, trigger));
  };
  const test: TestEngine = {
    database,
    get engine() {
      return engine;
    },
    async use(next) {
      engine = createEngine({ configuration: next });
      await act((tx) => publishPolicy(tx, engine));
    },
    context,
    act,
    read: (work) => store.read(work),
    take,
    async says(name, facts = {}, more = {}) {
      versions += 1;
      const { identityId } = await take({ externalId: name, version: String(versions), facts, ...more });
      if (identityId !== null) ids.set(name, identityId);
      return identityId ?? '';
    },
    has: (name, description) => knowOf(database, context(), { identityId: test.id(name), userName: name }, description),
    id: (name) => ids.get(name) ?? '',
    stop: () => database.drop(),
  };
  await act((tx) => publishPolicy(tx, engine));
  return test;
}
