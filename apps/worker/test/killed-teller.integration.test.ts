import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import type { Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { Webhook } from 'standardwebhooks';
import type { TellerWork } from './notice-teller.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const secret = Buffer.alloc(32, 7).toString('base64');
const environment = { HOOK_SECRET: secret };
const minute = 60_000;
const program = fileURLToPath(new URL('./notice-teller.ts', import.meta.url));
const tenureYaml = (hook: string): string => `
url: https://tenure.example.com
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
webhooks:
  program: { url: "${hook}", events: [sponsorship-taken-over], secret: "\${env:HOOK_SECRET}" }
`;

interface Call {
  readonly id: string;
  readonly about: string;
  /** Seconds (Unix time). */
  readonly at: number;
  readonly signature: string;
  readonly body: string;
}

let database: TestDatabase;
let configuration: string;
let ids: readonly string[] = [];
let answers = false;
const calls: Call[] = [];
const watching = new Set<() => void>();
const ending: (() => unknown)[] = [];

/** Waits for the calls themselves; the test's own patience ends it. */
const calledAbout = (about: string, times: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (calls.filter((call) => call.about === about).length < times) return;
      watching.delete(look);
      resolve();
    };
    watching.add(look);
    look();
  });

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: new Date().toISOString() }, work);
const news = (identityId: string, key: string): Promise<void> =>
  act((tx) => tx.notifications.add({ kind: 'sponsorship-taken-over', key, recipient: { identityId }, about: { identityId }, data: {} }));

/** Starts a worker whose clock is so many minutes ahead. */
function startTeller(minutes: number): ChildProcess {
  const work: TellerWork = { database: database.url, keys: database.keys, configuration, environment, ahead: minutes * minute };
  const child = spawn(process.execPath, ['--import', new URL('../../../tools/load-typescript.js', import.meta.url).href, program, JSON.stringify(work)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  ending.push(() => child.kill('SIGKILL'));
  return child;
}
async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

beforeAll(async () => {
  database = await createTestDatabase();
  ending.push(() => database.drop());
  const hook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (data: Buffer) => chunks.push(data));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const header = (name: string): string => String(request.headers[`webhook-${name}`]);
      calls.push({ id: header('id'), about: JSON.parse(body).data.identityId, at: Number(header('timestamp')), signature: header('signature'), body });
      // The receiver has read all of it, and the worker is killed before it gets the answer.
      if (answers) response.writeHead(204).end();
      for (const look of [...watching]) look();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  ending.push(() => hook.close());
  configuration = await mkdtemp(join(tmpdir(), 'tenure-teller-'));
  ending.push(() => rm(configuration, { recursive: true }));
  await mkdir(join(configuration, 'policy'));
  await writeFile(join(configuration, 'tenure.yaml'), tenureYaml(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/`));
  await writeFile(join(configuration, 'policy', 'access.yaml'), 'lifecycle:\n  - { name: all, end: { grace: P30D, then: delete } }\n');
  const engine = createEngine({ configuration: await loadConfiguration({ directory: configuration, environment }) });
  await act((tx) => publishPolicy(tx, engine));
  const take = async (name: string): Promise<string> => {
    const facts = { displayName: name, email: `${name}@example.com`, employeeNumber: name };
    const taken = await act((tx) => takeRecord(tx, engine, { source: 'hr', externalId: name, version: '1', status: 'active', endedAt: null, facts }));
    return taken.identityId ?? '';
  };
  ids = [await take('ada'), await take('bob'), await take('cid')];
});
afterAll(async () => {
  for (const end of ending.toReversed()) await end();
});

describe('a worker that is killed while a webhook is called', () => {
  it('has it called once more under the same id, five minutes later and before what came next, so that the receiver can tell', async () => {
    const [ada = '', bob = '', cid = ''] = ids;
    await news(ada, 'first');
    await news(ada, 'second');
    const killed = startTeller(0);
    await calledAbout(ada, 1);
    await end(killed, 'SIGKILL');
    answers = true;

    // Another worker continues with others, and leaves alone those that the killed one may still be sending.
    await news(bob, 'others');
    const other = startTeller(2);
    await calledAbout(bob, 1);
    await end(other, 'SIGTERM');
    expect(calls.map(({ about }) => about)).toEqual([ada, bob]);

    const next = startTeller(6);
    await calledAbout(ada, 3);
    await end(next, 'SIGTERM');
    await news(cid, 'last');
    const last = startTeller(60);
    await calledAbout(cid, 1);
    await end(last, 'SIGTERM');

    expect(calls.map(({ about }) => about)).toEqual([ada, bob, ada, ada, cid]);
    const [first, again, second] = calls.filter(({ about }) => about === ada);
    expect([again?.id, again?.body]).toEqual([first?.id, first?.body]);
    expect(second?.id).not.toBe(first?.id);
    expect((again?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * 60);
    for (const { id, at, body, signature } of calls) expect(signature).toBe(new Webhook(secret).sign(id, new Date(at * 1000), body));
    expect(await database.execute('select status, attempts from notice_delivery order by position')).toEqual([
      { status: 'sent', attempts: 2 },
      { status: 'sent', attempts: 1 },
      { status: 'sent', attempts: 1 },
      { status: 'sent', attempts: 1 },
    ]);
  });
});
