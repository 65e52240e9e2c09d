import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FaultyProxy, type RunningScimServer, startDialectServer, startFaultyProxy, startScimServer } from '@tenure/testing/targets/index.ts';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createGroupLease, settleGroupDoubts } from '../group-lease.ts';
import { type GroupWork, writeGroup } from './group-writer.ts';

const token = 'test-token';
const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
const program = fileURLToPath(new URL('./group-writer.ts', import.meta.url));
const register = ['--import', new URL('../../../tools/load-typescript.js', import.meta.url).href];

let database: TestDatabase;
let server: RunningScimServer;
let people: readonly string[];
let groupId: string;

interface Answer {
  readonly id: string;
  readonly Resources: readonly { readonly id: string }[];
  readonly members?: readonly { readonly value: string }[];
}
async function call(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${server.url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as Answer;
}
const members = async (): Promise<readonly string[]> => ((await call('GET', `Groups/${groupId}`)).members ?? []).map(({ value }) => value).sort();
const putMembers = (ids: readonly string[]): Promise<Answer> =>
  call('PUT', `Groups/${groupId}`, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Crew',
    members: ids.map((value) => ({ value })),
  });
const workOf = (part: Pick<GroupWork, 'add' | 'remove'>, more: Partial<GroupWork> = {}): GroupWork => ({
  database: database.url,
  keys: database.keys,
  url: server.url,
  token,
  leaseTime: 20_000,
  ...part,
  ...more,
});

/** A connector with a lease of its own, as of another worker. */
function connectorTo(url: string, store: typeof database.store): TargetConnector {
  const lease = createGroupLease({ store, target: 'crm', clock: () => new Date().toISOString(), logger: { warn: () => undefined } });
  return createConnector({ name: 'crm', kind: 'scim', url, token, timeout: 20_000, concurrency: 5, attributes: {} }, lease);
}

/** A worker of its own. */
const writer = (work: GroupWork): ChildProcessByStdio<Writable, Readable, null> =>
  spawn(process.execPath, [...register, program, JSON.stringify(work)], { stdio: ['pipe', 'pipe', 'inherit'] });

/** An account as the worker has confirmed it. */
async function confirmed(nativeId: string, accepted: object = {}): Promise<string> {
  const identityId = randomUUID();
  await database.execute(
    `insert into identity (id, user_name, user_type, attributes, groups, created_at, search_text, state, activations, revision, relationships, time_zone, endings, questions, reported_activity)
     values (?, ?, 'employee', '{}', '[]', now(), '', 'active', '[]', 1, '[]', 'UTC', '{}', '[]', '{}')`,
    [identityId, identityId],
  );
  await database.execute(
    `insert into account (id, identity_id, target, user_name, native_id, desired, existed, ever_enabled, desired_since, confirmed_at, accepted)
     values (?, ?, 'crm', '', ?, '{"state": "enabled", "entitlements": []}', true, true, now(), now(), ?)`,
    [randomUUID(), identityId, nativeId, JSON.stringify({ state: null, attributes: {}, memberships: accepted })],
  );
  return identityId;
}
const woken = async (): Promise<readonly string[]> =>
  (await database.execute('select identity_id from outbox')).map((row) => String(row['identity_id'])).sort();
const transaction = <T>(work: Parameters<typeof database.store.transaction<T>>[1]): Promise<T> =>
  database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: new Date().toISOString() }, work);

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startScimServer({ port: 0, token, groups: ['Crew'], patch: false });
  const made = [];
  for (let index = 0; index < 36; index += 1) made.push(await call('POST', 'Users', { schemas, userName: `person-${index}` }));
  people = made.map(({ id }) => id);
  groupId = (await call('GET', 'Groups')).Resources[0]?.id ?? '';
  await putMembers(people.slice(0, 24));
});
afterEach(async () => {
  await server.stop();
  await database.drop();
});

describe('a group that can only be written whole', () => {
  test('24 people in it; 12 go out and 12 come in at once, by several processes, and all of it is right', async () => {
    const [out, stay, come] = [people.slice(0, 12), people.slice(12, 24), people.slice(24)];
    const parts = [0, 1, 2].map((part) => ({ remove: out.slice(part * 4, part * 4 + 4), add: come.slice(part * 4, part * 4 + 4) }));
    // Without versions nothing at the server keeps two writers apart.
    const { url, stop } = await startDialectServer(server, { patch: 'none', version: 'none', latency: 10 });
    const children = parts.map((part) => writer(workOf(part, { url })));
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    for (const { stdin } of children) stdin.write('begin');
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown));
    await stop();
    expect(codes).toEqual([0, 0, 0]);
    expect(await members()).toEqual([...stay, ...come].sort());
  });

  test('whoever reads it while another one is about to write it waits', async () => {
    const [joiner = '', leaver = ''] = [people[30], people[0]];
    // The second one begins when the first has read the group, and goes as far as it can.
    const others = await startDialectServer(server, { patch: 'none', version: 'none' });
    let isWaiting = (): void => undefined;
    const waits = new Promise<void>((resolve) => (isWaiting = resolve));
    let claims = 0;
    const counted: typeof database.store = {
      ...database.store,
      transaction(context, work) {
        if ((claims += 1) > 1) isWaiting();
        return database.store.transaction(context, work);
      },
    };
    let second: Promise<void> | null = null;
    const meanwhile = async (method: string, path: string): Promise<void> => {
      if (method !== 'GET' || !path.endsWith(`/Groups/${groupId}`) || second !== null) return;
      const connector = connectorTo(others.url, counted);
      second = connector.removeMember('Crew', { nativeId: leaver, userName: '' }, groupId).finally(() => connector.close());
      await Promise.race([waits, second]);
    };
    const slow = await startDialectServer(server, { patch: 'none', version: 'none', meanwhile });
    const first = connectorTo(slow.url, database.store);
    await first.addMember('Crew', { nativeId: joiner, userName: '' });
    await second;
    expect(await members()).toEqual([...people.slice(1, 24), joiner].sort());
    await first.close();
    await slow.stop();
    await others.stop();
  });

  test('a worker that is killed with the lease loses it; what it sent last, and arrives late, has everybody read again who was written meanwhile', async () => {
    const [leaver, joiner, late = '', other = ''] = [people[0] ?? '', people[30] ?? '', people[31], people[5]];
    const remembered = { Crew: { groupId, givenAt: '2026-01-01T00:00:00.000Z', shownAt: '2026-01-01T00:00:00.000Z', takenAt: null } };
    const [ofLeaver, ofJoiner] = [await confirmed(leaver), await confirmed(joiner, remembered)];
    const ofOther = await confirmed(other, remembered);
    const proxy: FaultyProxy = await startFaultyProxy(server.url);
    const { promise: isSending, resolve } = Promise.withResolvers<void>();
    proxy.playFrom(() => {
      if (!proxy.seen.at(-1)?.startsWith('PUT')) return null;
      resolve();
      return { kind: 'silence' };
    });
    const sent = [...(await members()), late];
    const killed = writer(workOf({ add: [late], remove: [] }, { url: proxy.url, leaseTime: 1500 }));
    killed.stdin.write('begin');
    const exit = once(killed, 'exit');
    await isSending;
    killed.kill('SIGKILL');
    await exit;
    // Nobody released the lease: the others continue when it has expired.
    await writeGroup(workOf({ add: [joiner], remove: [leaver] }));
    expect(await members()).toEqual([...people.slice(1, 24), joiner].sort());
    await putMembers(sent);
    expect(await transaction((tx) => settleGroupDoubts(tx, 60_000))).toBe(0);
    expect(await transaction((tx) => settleGroupDoubts(tx, 0))).toBe(2);
    expect(await woken()).toEqual([ofLeaver, ofJoiner].sort());
    const accounts = await database.execute(`select identity_id, confirmed_at, accepted->'memberships'->'Crew' as crew from account`);
    const byIdentity = new Map(accounts.map((row) => [String(row['identity_id']), row]));
    expect(byIdentity.get(ofLeaver)).toMatchObject({ confirmed_at: null, crew: { groupId, takenAt: null } });
    expect(byIdentity.get(ofJoiner)).toMatchObject({ confirmed_at: null, crew: remembered.Crew });
    expect(byIdentity.get(ofOther)?.['confirmed_at']).not.toBeNull();
    // And with that it becomes correct.
    await writeGroup(workOf({ add: [joiner, late], remove: [leaver] }));
    expect(await members()).toEqual([...people.slice(1, 24), joiner, late].sort());
    expect(await transaction((tx) => settleGroupDoubts(tx, 0))).toBe(0);
    await proxy.stop();
  });

  test('whoever is missing when the group is read again after writing it is read again', async () => {
    const [ofVictim, joiner] = [await confirmed(people[3] ?? ''), people[30] ?? ''];
    let puts = 0;
    // A writer that is not Tenure writes its own version of the group between our write and our read.
    const meanwhile = async (method: string): Promise<void> => {
      if (method === 'PUT' && (puts += 1) === 1) await putMembers([...people.slice(0, 3), ...people.slice(4, 24), joiner]);
    };
    const { url, stop } = await startDialectServer(server, { patch: 'none', meanwhile });
    await writeGroup(workOf({ add: [joiner], remove: [] }, { url }));
    expect(await woken()).toEqual([ofVictim]);
    await stop();
  });
});
