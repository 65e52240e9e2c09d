import type { Configuration } from '@tenure/config';
import type { Facts, Instant, PolicyDocument, RequestRule } from '@tenure/domain';
import type { RequestItem, Transaction, WholeRequest } from '@tenure/store';
import type { TestDatabase } from '@tenure/store/testing';
import { advanceRequest } from '../advance-request.ts';
import { answerItem } from '../answer-item.ts';
import { type AskedItem, openRequest } from '../open-request.ts';
import type { Engine } from '../../decide/engine.ts';
import { decideIdentity } from '../../decide/decide-identities.ts';
import { testConfiguration, testSource } from '../../testing/configuration.ts';
import type { PersonDescription } from '../../testing/person.ts';
import { createTestEngine } from '../../testing/test-engine.ts';

/** A company that requests and approves, on a real database, with a clock of its own in place of Temporal. */
export interface RequestWorld {
  readonly database: TestDatabase;
  readonly engine: Engine;
  now: Instant;
  /** The identity of somebody by the name that the test gave them. */
  id(name: string): string;
  nameOf(id: string): string;
  /** Records HR's facts about a person from now on; a new person is created. */
  says(name: string, facts?: Facts, status?: 'active' | 'ended'): Promise<void>;
  /** Facts about a person beside HR's record, as if they had been recorded. */
  has(name: string, description: PersonDescription): Promise<void>;
  /** Runs one transaction, and then everything that follows from it at once. */
  act<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  ask(of: string, name: string, more?: { readonly by?: string; readonly duration?: string }): Promise<string>;
  /** @returns `counted`, or the code with which it was refused */
  answer(requestId: string, by: string, approves?: boolean, stage?: number | null): Promise<string>;
  whole(requestId: string): Promise<WholeRequest>;
  /** The first item. */
  item(requestId: string): Promise<RequestItem>;
  /** Names of those who can answer now; a deputy with the person they answer for: `bob`, `bob for ann`. */
  asked(requestId: string): Promise<readonly string[]>;
  /** Names of a person's present entitlements. */
  held(name: string): Promise<readonly string[]>;
  /** Moves the clock, and on the way carries out everything when it is due. */
  pass(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

export const HOUR = 3_600_000;

const entitlement = (name: string) => ({ name, title: name, target: 'tenure', value: name.replace('tenure.', '') });

/** @param rules request rules */
function configurationOf(rules: readonly RequestRule[], more: Partial<PolicyDocument>, targets: Configuration['targets']): Configuration {
  const attributes = Object.fromEntries(
    ['displayName', 'email', 'employeeNumber', 'department', 'manager', 'sponsor'].map((name) => [name, { type: 'string' as const }]),
  );
  const schema = { ...attributes, leaveStart: { type: 'instant' as const }, leaveEnd: { type: 'instant' as const } };
  const names = ['tenure.admin', 'tenure.operator', 'tenure.approver', 'tenure.auditor', 'tenure.self'];
  return testConfiguration({
    attributes: schema,
    sources: { hr: testSource('hr', { correlate: [{ attribute: 'employeeNumber' }] }) },
    targets,
    policy: {
      entitlements: Object.fromEntries(names.map((name) => [name, entitlement(name)])),
      birthright: [{ name: 'approvers', when: 'identity.department == "Approver"', roles: [], entitlements: ['tenure.approver'] }],
      lifecycle: [{ name: 'all', start: {}, end: { grace: 'P30D', then: 'keep' } }],
      relations: { manager: { attribute: 'manager', by: 'employeeNumber' }, sponsor: { attribute: 'sponsor', by: 'employeeNumber' } },
      requestable: rules,
      ...more,
    },
    session: { lifetime: HOUR, idle: HOUR },
  });
}

/** @param targets none unless given: then the grants are rights in Tenure */
export async function createRequestWorld(
  rules: readonly RequestRule[],
  more: Partial<PolicyDocument> = {},
  targets: Configuration['targets'] = {},
): Promise<RequestWorld> {
  let now = '2026-03-02T09:00:00.000Z';
  const test = await createTestEngine(configurationOf(rules, more, targets), () => now);
  const { database, engine, context } = test;
  const { store } = database;
  const names = new Set<string>();
  const facts = new Map<string, Facts>();

  /** Replaces the dispatcher and the workflows: empties the outbox. */
  const follow = async (): Promise<void> => {
    for (;;) {
      const waiting = await store.transaction(context(), async (tx) => {
        const messages = await tx.outbox.take(100);
        await tx.outbox.remove(messages.map(({ id }) => id));
        return messages;
      });
      if (waiting.length === 0) return;
      for (const requestId of new Set(waiting.flatMap((message) => message.requestId ?? []))) await advance(requestId);
    }
  };
  const advance = (requestId: string) => store.transaction(context(), (tx) => advanceRequest(tx, engine, requestId));
  /** The next date, with its work. */
  const nextDue = async (): Promise<{ readonly at: Instant; run(): Promise<unknown> } | null> => {
    const [next] = (await database.execute(`select 'life' as kind, id, next_wake_up as at from identity where next_wake_up is not null
      union all select 'request', id, next_at from access_request where status = 'open' and next_at is not null order by at limit 1`)) as {
      kind: 'life' | 'request';
      id: string;
      at: string;
    }[];
    if (next === undefined) return null;
    const { kind, id } = next;
    return {
      at: new Date(next.at).toISOString(),
      run: () => (kind === 'request' ? advance(id) : store.transaction(context(), (tx) => decideIdentity(tx, engine, id, 'timer'))),
    };
  };

  const world: RequestWorld = {
    database,
    engine,
    get now() {
      return now;
    },
    set now(instant) {
      now = instant;
    },
    id: test.id,
    nameOf: (id) => [...names].find((name) => test.id(name) === id) ?? id,
    has: test.has,
    async says(name, more = {}, status = 'active') {
      names.add(name);
      facts.set(name, { ...facts.get(name), ...more });
      const said = { displayName: name, email: `${name}@example.com`, employeeNumber: name, ...facts.get(name) };
      await test.says(name, said, { status, endedAt: status === 'ended' ? world.now : null });
      await follow();
    },
    async act(work) {
      const result = await store.transaction(context(), work);
      await follow();
      return result;
    },
    async ask(of, name, { by = of, duration } = {}) {
      const items: readonly AskedItem[] = [{ kind: 'entitlement', name, duration: duration ?? null }];
      const asked = { identityId: world.id(of), requestedBy: world.id(by), justification: 'needed', items };
      return (await world.act((tx) => openRequest(tx, engine, asked))).requestId;
    },
    async answer(requestId, by, approves = true, stage = null) {
      const { id: itemId } = await world.item(requestId);
      return (await world.act((tx) => answerItem(tx, engine, { itemId, by: world.id(by), approves, comment: '', stage }))).outcome;
    },
    async whole(requestId) {
      const [found] = await store.read((tx) => tx.requests.whole([requestId]));
      if (found === undefined) throw new Error('there is no such request');
      return found;
    },
    async item(requestId) {
      const [first] = (await world.whole(requestId)).items;
      if (first === undefined) throw new Error('there is no such item');
      return first;
    },
    async asked(requestId) {
      const { approvers } = await world.whole(requestId);
      const { id, stage } = await world.item(requestId);
      return approvers
        .filter((one) => one.itemId === id && one.stage === stage && one.endedAt === null)
        .map(({ approverId, inPlaceOf }) => `${world.nameOf(approverId)}${inPlaceOf === null ? '' : ` for ${world.nameOf(inPlaceOf)}`}`)
        .sort();
    },
    async held(name) {
      const grants = await store.read((tx) => tx.access.currentGrants([world.id(name)]));
      return grants.filter(({ validFrom, validUntil }) => validFrom <= world.now && (validUntil === null || world.now < validUntil)).map((grant) => grant.name);
    },
    async pass(milliseconds) {
      const end = new Date(Date.parse(world.now) + milliseconds).toISOString();
      for (let next = await nextDue(); next !== null && next.at <= end; next = await nextDue()) {
        if (next.at > world.now) world.now = next.at;
        await next.run();
        await follow();
      }
      world.now = end;
    },
    stop: test.stop,
  };
  return world;
}
