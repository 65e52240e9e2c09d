import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '@tenure/config';
import type { NewNotification } from '@tenure/domain';
import { createWebhookSender } from './webhook-sender.ts';
import { createMailSender, createMailWriter } from '@tenure/mail';
import { startTestMailServer, type TestMailServer } from '@tenure/mail/testing';
import type { Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import type { Engine } from '../decide/engine.ts';
import { deliverNotifications, type DeliveryDependencies } from './deliver-notifications.ts';
import { planNotifications } from './plan-notifications.ts';
import { formerReceivers, receiversOf } from './receivers.ts';
import { createEngine } from '../decide/create-engine.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { takeRecord } from '../intake/take-records.ts';

const tenureYaml = (smtp: string, first: string, second: string): string => `
url: https://tenure.example.com
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
  startDate: { type: instant }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
mail: { url: "${smtp}", from: Tenure <tenure@example.com> }
webhooks:
  first: { url: "${first}", events: [person-started, person-ended, sponsorship-taken-over], secret: "\${env:HOOK_SECRET}" }
  second: { url: "${second}", events: [sponsorship-taken-over], secret: "\${env:HOOK_SECRET}" }
`;
const accessYaml = `
entitlements:
  tenure.operator: { title: Operates Tenure, target: tenure, value: operator }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
relations:
  manager: { attribute: manager, by: employeeNumber }
`;

interface Call {
  readonly id: string;
  readonly type: string;
  readonly identityId: string;
  readonly status: number;
}

/** A webhook's receiver that answers as configured, and keeps the calls that it received. */
interface TestReceiver {
  readonly url: string;
  readonly calls: Call[];
  answer: (call: number, identityId: string) => number;
  headers: Readonly<Record<string, string>>;
}

let database: TestDatabase;
let engine: Engine;
let server: TestMailServer;
let dependencies: DeliveryDependencies;
let first: TestReceiver;
let second: TestReceiver;
let now = '2026-03-02T09:00:00.000Z';
let known = 0;
const ending: (() => unknown)[] = [];
const failures: unknown[] = [];

async function startReceiver(): Promise<TestReceiver> {
  const calls: Call[] = [];
  const receiver: TestReceiver = { url: '', calls, answer: () => 204, headers: {} };
  const hook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (data: Buffer) => chunks.push(data));
    request.on('end', () => {
      const { type, data } = JSON.parse(Buffer.concat(chunks).toString());
      const status = receiver.answer(calls.length, data.identityId);
      calls.push({ id: String(request.headers['webhook-id']), type, identityId: data.identityId, status });
      response.writeHead(status, receiver.headers).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  ending.push(() => hook.close());
  return Object.assign(receiver, { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook` });
}

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestMailServer();
  [first, second] = [await startReceiver(), await startReceiver()];
  const directory = await mkdtemp(join(tmpdir(), 'tenure-receivers-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml(server.url, first.url, second.url));
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml);
  engine = createEngine({ configuration: await loadConfiguration({ directory, environment: { HOOK_SECRET: Buffer.alloc(32, 7).toString('base64') } }) });
  if (engine.configuration.mail === null) throw new Error('mail is configured above');
  const sender = createMailSender(engine.configuration.mail);
  const webhooks = createWebhookSender();
  const failed = (error: unknown): void => void failures.push(error);
  dependencies = { store: database.store, engine, clock: () => now, mail: { writer: createMailWriter(), sender }, webhooks, failed };
  await act((tx) => publishPolicy(tx, engine));
  ending.push(
    () => server.close(),
    () => database.drop(),
    () => rm(directory, { recursive: true }),
    () => sender.close(),
    () => webhooks.close(),
  );
});
afterAll(async () => {
  for (const end of ending.toReversed()) await end();
  expect(failures).toEqual([]);
});
beforeEach(async () => {
  server.answerWith('ok');
  for (const receiver of [first, second]) Object.assign(receiver, { answer: () => 204, headers: {} });
  later(7 * 86_400);
  await everything();
  for (const { calls } of [first, second]) calls.length = 0;
});

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, work);
const later = (seconds: number): void => {
  now = new Date(Date.parse(now) + seconds * 1000).toISOString();
};

async function record(name: string, facts: Readonly<Record<string, string>> = {}, status: 'active' | 'ended' = 'active'): Promise<string> {
  const taken = await act((tx) =>
    takeRecord(tx, engine, {
      source: 'hr',
      externalId: name,
      version: String((known += 1)),
      status,
      endedAt: null,
      facts: { displayName: name, email: `${name}@example.com`, employeeNumber: name, ...facts },
    }),
  );
  return taken.identityId ?? '';
}

const news = (identityId: string, key: string): NewNotification => ({
  kind: 'sponsorship-taken-over',
  key,
  recipient: { identityId },
  about: { identityId },
  data: {},
});

/** Does everything that is due now. */
async function everything(): Promise<void> {
  for (let done = 1; done > 0; ) {
    done = await planNotifications({ store: database.store, engine, clock: () => now, failed: (error) => failures.push(error) });
    for (const receiver of receiversOf(engine.configuration)) done += await deliverNotifications(dependencies, receiver);
  }
}

const openCases = () => database.store.read((tx) => tx.cases.page({ status: 'open', kind: 'notice-undeliverable' }, 10, null));
const subjects = (from: number) => server.mails.slice(from).map(({ subject }) => subject);

describe('receivers of notifications', () => {
  it.each([500, 450])('that answered %s while 20 people ended hear of their ends, and not of their starts', async (status) => {
    await record('boss');
    const mails = server.mails.length;
    server.answerWith('trouble');
    first.answer = () => status;
    const names = Array.from({ length: 20 }, (_, index) => `short-${status}-${index}`);
    const ids: string[] = [];
    const before = now;
    for (const name of names) ids.push(await record(name, { manager: 'boss', startDate: now }));
    await everything();
    later(60);
    for (const name of names) await record(name, { manager: 'boss', startDate: before }, 'ended');
    await everything();
    first.calls.length = 0;
    server.answerWith('ok');
    first.answer = () => 204;
    for (let minute = 0; minute < 10; minute += 1) {
      later(60);
      await everything();
    }
    const told = first.calls.filter(({ identityId }) => ids.includes(identityId));
    expect(told.map(({ type }) => type)).toEqual(names.map(() => 'person-ended'));
    expect(new Set(told.map(({ identityId }) => identityId))).toEqual(new Set(ids));
    expect(subjects(mails).sort()).toEqual(names.map((name) => `The access of ${name} has ended`).sort());
    const rows = await database.execute(
      `select d.code, d.status from notice_delivery d join notice n on n.id = d.notice_id where d.kind = 'person-started' and n.about_id = any(?::text[])`,
      [`{${ids.join(',')}}`],
    );
    expect(rows).toEqual(ids.flatMap(() => [1, 2]).map(() => ({ code: 'NO_LONGER_SO', status: 'skipped' })));
  });

  it('hear of one person in the order in which it happened, though the first attempt failed', async () => {
    const ada = await record('ada-in-order');
    const bob = await record('bob-in-order');
    await everything();
    first.calls.length = 0;
    first.answer = (_, identityId) => (identityId === ada && !first.calls.some((call) => call.identityId === ada) ? 400 : 204);
    await act((tx) => tx.notifications.add(news(ada, 'order-1')));
    await act((tx) => tx.notifications.add(news(ada, 'order-2')));
    await act((tx) => tx.notifications.add(news(bob, 'order-3')));
    await everything();
    // Deliveries for another person continue.
    expect(Object.fromEntries(first.calls.map(({ identityId, status }) => [identityId, status]))).toEqual({ [ada]: 400, [bob]: 204 });
    expect(first.calls).toHaveLength(2);
    const failed = first.calls.find(({ identityId }) => identityId === ada);
    later(60);
    await everything();
    const [again, next, ...rest] = first.calls.slice(2);
    expect(rest).toEqual([]);
    expect([again?.id, again?.status]).toEqual([failed?.id, 204]);
    expect([next?.identityId, next?.status]).toEqual([ada, 204]);
    // The other receiver has not waited.
    expect(second.calls).toHaveLength(3);
  });

  it('hear each thing once and in order, whatever fails between, from four workers that look at the same time', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 10; index += 1) ids.push(await record(`many-${index}`));
    await everything();
    for (const { calls } of [first, second]) calls.length = 0;
    // The receiver defers every third call.
    first.answer = (call) => (call % 3 === 2 ? 409 : 204);
    for (let round = 0; round < 4; round += 1) for (const id of ids) await act((tx) => tx.notifications.add(news(id, `many-${round}-${id}`)));
    for (let hour = 0; hour < 12; hour += 1) {
      await Promise.all([everything(), everything(), everything(), everything()]);
      later(3700);
    }
    for (const { name, calls } of [
      { name: 'first', calls: first.calls },
      { name: 'second', calls: second.calls },
    ]) {
      const taken = calls.filter(({ status }) => status === 204);
      expect([name, taken.length]).toEqual([name, 40]);
      expect(new Set(taken.map(({ id }) => id)).size).toBe(40);
    }
    const order = await database.execute(
      `select id, about_id as about from notice_delivery where endpoint = 'first' and kind = 'sponsorship-taken-over' and key like 'many-%' order by position`,
    );
    for (const id of ids) {
      const told = first.calls.filter(({ identityId, status }) => identityId === id && status === 204).map((call) => call.id);
      expect(told).toEqual(order.filter(({ about }) => about === id).map((one) => one.id));
    }
  });

  it('that stay away are asked by one delivery at a time, and after a day all that waits there is given up into one case', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 30; index += 1) ids.push(await record(`away-${index}`));
    await everything();
    for (const { calls } of [first, second]) calls.length = 0;
    first.answer = () => 503;
    await act((tx) => tx.notifications.add(...ids.map((id) => news(id, `away-${id}`))));
    await everything();
    const begun = first.calls.length;
    expect(begun).toBeLessThanOrEqual(8);
    expect(second.calls).toHaveLength(30);
    later(20);
    const { notices, receivers } = await database.store.pulse(now);
    expect(notices).toEqual([{ channel: 'webhook', endpoint: 'first', waiting: 30, oldest: 20_000 }]);
    expect(receivers).toEqual([{ channel: 'webhook', endpoint: 'first', failing: 20_000 }]);
    await Promise.all([everything(), everything(), everything()]);
    expect(first.calls).toHaveLength(begun + 1);
    expect(await database.execute(`select channel, endpoint, code from notice_receiver`)).toEqual([
      { channel: 'webhook', endpoint: 'first', code: 'HTTP_503' },
    ]);
    expect(await openCases()).toEqual([]);
    later(25 * 3600);
    await everything();
    expect(await openCases()).toMatchObject([{ identityId: null, evidence: { channel: 'webhook', endpoint: 'first', code: 'HTTP_503' } }]);
    expect(await database.execute(`select count(*)::int as waiting from notice_delivery where status = 'waiting' and endpoint = 'first'`)).toEqual([
      { waiting: 0 },
    ]);
    first.answer = () => 204;
    await act((tx) => tx.notifications.add(news(ids[0] ?? '', 'back')));
    later(400);
    await everything();
    expect(await openCases()).toEqual([]);
    expect(await database.execute('select * from notice_receiver')).toEqual([]);
  });

  it('that fail and are configured no longer leave nothing behind', async () => {
    const ada = await record('ada-former');
    await everything();
    second.answer = () => 503;
    await act((tx) => tx.notifications.add(news(ada, 'former')));
    await everything();
    const { first: kept } = engine.configuration.webhooks;
    if (kept === undefined) throw new Error('it is configured above');
    const changed = { ...engine.configuration, webhooks: { first: kept } };
    const former = { ...dependencies, engine: { ...engine, configuration: changed } };
    later(3600);
    expect(await formerReceivers(database.store, changed)).toEqual([{ channel: 'webhook', endpoint: 'second' }]);
    await deliverNotifications(former, { channel: 'webhook', endpoint: 'second' });
    expect(await formerReceivers(database.store, changed)).toEqual([]);
    expect(await database.execute('select * from notice_receiver')).toEqual([]);
  });

  it('that ask for a pause are left alone for as long', async () => {
    const ada = await record('ada-pause');
    await everything();
    first.calls.length = 0;
    Object.assign(first, { answer: () => 429, headers: { 'retry-after': '120' } });
    await act((tx) => tx.notifications.add(news(ada, 'pause-1')));
    await everything();
    const bob = await record('bob-pause');
    await act((tx) => tx.notifications.add(news(bob, 'pause-2')));
    later(119);
    await everything();
    expect(first.calls).toHaveLength(1);
    later(2);
    Object.assign(first, { answer: () => 204, headers: {} });
    await everything();
    expect(first.calls.slice(1).map(({ identityId }) => identityId)).toEqual(expect.arrayContaining([ada, bob]));
  });
});
