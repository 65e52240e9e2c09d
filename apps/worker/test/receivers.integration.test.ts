import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import type { Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { pino } from 'pino';
import type { Looking } from '../keep-looking.ts';
import { startNotifier } from '../notifier.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const tenureYaml = (smtp: string, quick: string, silent: string): string => `
url: https://tenure.example.com
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
mail: { url: "${smtp}", from: Tenure <tenure@example.com> }
webhooks:
  quick: { url: "${quick}", secret: "\${env:HOOK_SECRET}" }
  silent: { url: "${silent}", secret: "\${env:HOOK_SECRET}" }
`;
const people = 40;

let database: TestDatabase;
let notices: Looking;
const ending: (() => unknown)[] = [];
/** Webhook ids by person, as they came. */
const told = new Map<string, string[]>();
let allTold = (): void => undefined;
/** Number of calls that had come when the worker timed out on the first connection. */
let toldBefore: number | null = null;
const calls = (): number => [...told.values()].flat().length;

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: new Date().toISOString() }, work);

/** Starts a server that accepts connections and answers nothing. */
async function startSilent(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      toldBefore ??= calls();
    });
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  database = await createTestDatabase();
  ending.push(() => database.drop());
  const quick = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (data: Buffer) => chunks.push(data));
    request.on('end', () => {
      response.writeHead(204).end();
      const { identityId } = JSON.parse(Buffer.concat(chunks).toString()).data;
      told.set(identityId, [...(told.get(identityId) ?? []), String(request.headers['webhook-id'])]);
      if (calls() === people * 2) allTold();
    });
  });
  await new Promise<void>((resolve) => quick.listen(0, '127.0.0.1', resolve));
  ending.push(() => quick.close());
  const directory = await mkdtemp(join(tmpdir(), 'tenure-lanes-'));
  ending.push(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'policy'));
  const [mail, silent] = [await startSilent(), await startSilent()];
  const yaml = tenureYaml(`smtp://127.0.0.1:${mail}`, `http://127.0.0.1:${(quick.address() as AddressInfo).port}/`, `http://127.0.0.1:${silent}/`);
  await writeFile(join(directory, 'tenure.yaml'), yaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), 'lifecycle:\n  - { name: all, end: { grace: P30D, then: delete } }\n');
  const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: { HOOK_SECRET: Buffer.alloc(32, 7).toString('base64') } }) });
  await act((tx) => publishPolicy(tx, engine));
  const ids: string[] = [];
  for (let index = 0; index < people; index += 1) {
    const facts = { displayName: `p${index}`, email: `p${index}@example.com`, employeeNumber: `p${index}` };
    const taken = await act((tx) => takeRecord(tx, engine, { source: 'hr', externalId: `p${index}`, version: '1', status: 'active', endedAt: null, facts }));
    ids.push(taken.identityId ?? '');
  }
  // Mails and calls alternate in the order in which they are planned.
  for (const round of [1, 2])
    for (const identityId of ids)
      await act((tx) =>
        tx.notifications.add({ kind: 'sponsorship-taken-over', key: `${identityId}/${round}`, recipient: { identityId }, about: { identityId }, data: {} }),
      );
  const metrics = { notice: () => undefined, timerFired: () => undefined };
  notices = startNotifier({ store: database.store, engine, clock: () => new Date().toISOString(), logger: pino({ level: 'silent' }), metrics });
});
afterAll(async () => {
  for (const end of ending.toReversed()) await end();
});

describe('receivers of notifications', () => {
  it('are each told in time while a mail server and a webhook accept and say nothing, and the worker stops within its bound', async () => {
    await new Promise<void>((resolve) => {
      allTold = resolve;
      if (calls() === people * 2) resolve();
    });
    // Many more calls than one delivery takes had been made before the first attempt at the hanging receivers timed out.
    expect(toldBefore ?? people * 2).toBeGreaterThan(20);
    const order = await database.execute(`select about_id as about, id from notice_delivery where endpoint = 'quick' order by position`);
    for (const [identityId, ids] of told) expect(ids).toEqual(order.filter(({ about }) => about === identityId).map(({ id }) => id));
    await notices.stop();
    const [waiting] = await database.execute(
      `select count(*) filter (where channel = 'mail')::int as mail, count(*) filter (where endpoint = 'silent')::int as silent from notice_delivery where status = 'waiting'`,
    );
    expect(waiting).toEqual({ mail: people * 2, silent: people * 2 });
  });
});
