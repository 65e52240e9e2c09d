import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, type FaultyProxy, startFaultyProxy } from '@tenure/testing/targets/faulty-proxy.ts';
import { type DialectServer, type ScimDialect, startDialectServer } from '@tenure/testing/targets/scim-dialects.ts';
import { type RunningScimServer, startScimServer } from '@tenure/testing/targets/scim-server.ts';
import type { RunningTarget } from '@tenure/testing/targets/target-state.ts';
import { type ConnectorHarness, describeConnector } from '../contract.ts';
import type { TargetConnector } from '../connector.ts';
import { createScimConnector } from './scim-connector.ts';
import type { ScimSettings } from './settings.ts';

const token = 'test-token';
const groups = ['Finance', 'Sales'] as const;
const attributes = { 'name.givenName': '', 'name.familyName': '', displayName: '', emails: '', title: '', department: '' };

function connectorTo(url: string, more: Partial<ScimSettings> = {}): TargetConnector {
  return createScimConnector({ name: 'crm', kind: 'scim', url, token, timeout: 5000, concurrency: 4, attributes, ...more });
}

async function call(url: string, method: string, body?: object): Promise<{ readonly Resources: readonly { readonly id: string }[] }> {
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` }, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.status === 204 ? { Resources: [] } : ((await response.json()) as { Resources: { id: string }[] });
}

async function empty(url: string): Promise<void> {
  for (;;) {
    const { Resources } = await call(`${url}/Users?count=200`, 'GET');
    if (Resources.length === 0) return;
    for (const { id } of Resources) await call(`${url}/Users/${id}`, 'DELETE');
  }
}

function harnessFor(name: string, patch: boolean, dialect: ScimDialect | null = null): ConnectorHarness {
  let server: RunningScimServer;
  let dialects: DialectServer | null = null;
  let redirecting: FaultyProxy | null = null;
  return {
    name,
    groups,
    changeable: 'title',
    address: () => ({ host: '127.0.0.1', port: Number(new URL((dialects ?? server).url).port) }),
    async start() {
      server = await startScimServer({ port: 0, token, groups, patch });
      if (dialect !== null) dialects = await startDialectServer(server, dialect);
    },
    async stop() {
      await redirecting?.stop();
      await dialects?.stop();
      await server.stop();
    },
    reset: () => empty(server.url),
    connect: ({ host, port, timeout = 5000, wrongCredentials = false }) =>
      connectorTo(`http://${host}:${port}/scim/v2`, { timeout, ...(wrongCredentials ? { token: 'wrong' } : {}) }),
    look: (userName) => server.look(userName),
    attributes: (text) => ({
      'name.givenName': text,
      'name.familyName': 'Miller',
      displayName: `${text} Miller`,
      emails: `${text}@example.com`,
      title: 'Clerk',
      department: 'Finance',
    }),
    async fill(count) {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
      for (let index = 0; index < count; index += 1) await call(`${server.url}/Users`, 'POST', { schemas, userName: `filled-${index}` });
    },
    async join(group) {
      const members: { readonly value: string }[] = [];
      for (let isLast = false; !isLast; ) {
        const { Resources } = await call(`${server.url}/Users?startIndex=${members.length + 1}&count=100`, 'GET');
        members.push(...Resources.map(({ id }) => ({ value: id })));
        isLast = Resources.length === 0;
      }
      const { Resources: found } = await call(`${server.url}/Groups?filter=${encodeURIComponent(`displayName eq "${group}"`)}`, 'GET');
      const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: group, members };
      await call(`${server.url}/Groups/${found[0]?.id}`, 'PUT', body);
    },
    async redirected() {
      redirecting = await startFaultyProxy(server.url);
      redirecting.play({ kind: 'status', status: 302, headers: { location: server.url } });
      return connectorTo(redirecting.url);
    },
  };
}

describeConnector(harnessFor('SCIM', true));
describeConnector(harnessFor('SCIM without PATCH', false));
describeConnector(harnessFor('SCIM listed by cursor', true, { paging: 'cursor' }));

describe('SCIM connector, past the contract', () => {
  const ann = { userName: 'ann', externalId: 'identity', enabled: true, attributes: { displayName: 'Ann' } } as const;
  let server: RunningTarget;
  let proxy: FaultyProxy;
  let connector: TargetConnector;

  beforeAll(async () => {
    server = await startScimServer({ port: 0, token, groups });
    proxy = await startFaultyProxy(server.url);
  });
  beforeEach(async () => {
    proxy.behave();
    await connector?.close();
    await empty(server.url);
    connector = connectorTo(proxy.url, { timeout: 2000 });
  });
  afterAll(async () => {
    await connector.close();
    await proxy.stop();
    await server.stop();
  });

  const notScim = '{"message":"no route"}';
  const unavailable: readonly (readonly [string, Fault])[] = [
    ['HTTP 500', { kind: 'status', status: 500 }],
    ['HTTP 502 with a page', { kind: 'status', status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
    ['a page instead of JSON', { kind: 'html' }],
    ['half of a body', { kind: 'half-body' }],
    ['silence', { kind: 'silence' }],
    ['a dropped connection', { kind: 'dropped' }],
    ['a lost answer', { kind: 'answer-lost' }],
    ['a redirect', { kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/' } }],
    ['a 404 that is not of SCIM', { kind: 'status', status: 404, headers: { 'content-type': 'application/json' }, body: notScim }],
    ['a 404 with a page', { kind: 'status', status: 404, body: '<h1>Not found</h1>' }],
    ['an answer without end', { kind: 'endless' }],
    ['JSON of another kind', { kind: 'status', status: 200, body: '{"ok":true}' }],
    ['a list of another kind', { kind: 'status', status: 200, body: '[]' }],
    ['no body', { kind: 'status', status: 200 }],
  ];

  test.each(unavailable)('%s is no statement about accounts', async (_title, fault) => {
    const { nativeId, userName } = await connector.create(ann);
    const patient = connectorTo(proxy.url, { timeout: fault.kind === 'endless' ? 20_000 : 1000 });
    proxy.play(fault);
    for (const ref of [
      { nativeId, userName },
      { nativeId: null, userName },
    ]) {
      await expect(patient.observe(ref)).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE', retryable: true });
    }
    await expect(patient.list()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
    await patient.close();
  });

  test.each([...unavailable, ['HTTP 403', { kind: 'status', status: 403 }] as const])('%s does not prove that there is no group', async (_title, fault) => {
    expect(await connector.hasGroup?.('Finance')).toBe(true);
    expect(await connector.hasGroup?.('Choir')).toBe(false);
    const patient = connectorTo(proxy.url, { timeout: fault.kind === 'endless' ? 20_000 : 1000 });
    proxy.play(fault);
    const answer = await patient.hasGroup?.('Choir').catch(() => null);
    expect(answer).toBeNull();
    await patient.close();
  });

  test('a service that lists no group at all does not prove that there is none', async () => {
    const silent = await startScimServer({ port: 0, token, groups: [] });
    const at = connectorTo(silent.url);
    expect(await at.hasGroup?.('Choir')).toBeNull();
    await at.close();
    await silent.stop();
  });

  test('a call that has failed keeps no connection, whatever it had asked besides and was not answered', async () => {
    const ref = await connector.create(ann);
    const questions = groups.map((entitlement) => ({ entitlement, groupId: null, isNeeded: true }));
    const few = connectorTo(proxy.url, { timeout: 5000, concurrency: 2 });
    for (const _connection of ['one', 'two']) {
      let isFirst = true;
      proxy.playFrom(({ path }) => {
        if (!path.includes('displayName')) return null;
        const fault: Fault = isFirst ? { kind: 'silence' } : { kind: 'status', status: 429 };
        isFirst = false;
        return fault;
      });
      await expect(few.observe(ref, questions)).rejects.toMatchObject({ details: { status: '429' } });
    }
    proxy.behave();
    expect(await few.observe(ref, questions)).toMatchObject({ userName: 'ann' });
    await few.close();
  });

  test('the id of a group is told before a membership is written, whose answer may be lost', async () => {
    const ref = await connector.create(ann);
    const groupId = await connector.addMember('Finance', ref);
    await connector.removeMember('Finance', ref);
    proxy.playFrom(({ method }) => (method === 'PATCH' ? { kind: 'answer-lost' } : null));
    const told: string[] = [];
    await expect(connector.addMember('Finance', ref, null, async (id) => void told.push(id))).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
    expect(told).toEqual([groupId]);
  });

  test('passes on how long it was asked to wait', async () => {
    await connector.check();
    proxy.play({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    await expect(connector.check()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE', retryAfter: 7000 });
    // Some targets limit requests with another status than 429.
    for (const status of [400, 401, 403, 409, 423, 500, 501, 503]) {
      proxy.play({ kind: 'status', status, headers: { 'retry-after': '7' } });
      await expect(connector.observe({ nativeId: '1', userName: 'ann' })).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE', retryAfter: 7000 });
      await expect(connector.removeMember('Finance', { nativeId: '1', userName: 'ann' }, '2')).rejects.toMatchObject({ retryAfter: 7000 });
    }
    proxy.play({ kind: 'status', status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } });
    const error = await connector.check().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONNECTOR_UNAVAILABLE', retryAfter: expect.any(Number) });
    // Less by the time since the answer.
    const { retryAfter } = error as { retryAfter: number };
    expect([retryAfter > 0, retryAfter <= 60_000]).toEqual([true, true]);
  });

  test.each(['create', 'disable', 'addMember'] as const)('a %s whose answer was lost is harmless to repeat', async (what) => {
    const ref = { nativeId: null, userName: 'ann' };
    await connector.check();
    if (what !== 'create') await connector.create(ann);
    const act = { create: () => connector.create(ann), disable: () => connector.disable(ref), addMember: () => connector.addMember('Finance', ref) }[what];
    await connector.observe(ref);
    // Reads before the write are answered; the write is carried out, and its answer gets lost.
    const reads = { create: 0, disable: 1, addMember: 2 }[what];
    proxy.play({ kind: 'answer-lost' }, 0);
    await playAfter(reads, act);
    await act().catch((error: { code: string }) => expect(error.code).toBe('ACCOUNT_CONFLICT'));
    expect(await connector.observe(ref)).toMatchObject({
      externalId: 'identity',
      enabled: what !== 'disable',
      entitlements: what === 'addMember' ? ['Finance'] : [],
    });
  });

  async function playAfter(reads: number, act: () => Promise<unknown>): Promise<void> {
    const before = proxy.seen.length;
    const running = act().catch((error: unknown) => error);
    const deadline = performance.now() + 900;
    while (proxy.seen.length < before + reads && performance.now() < deadline) await new Promise(setImmediate);
    proxy.play({ kind: 'answer-lost' }, 1);
    await running;
    proxy.behave();
  }

  test('a listing that ends before its announced total is not believed', async () => {
    await connector.create(ann);
    const list = { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 7, startIndex: 1, itemsPerPage: 0, Resources: [] };
    proxy.play({ kind: 'status', status: 200, body: JSON.stringify(list) });
    await expect(connector.list()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
    await expect(connector.observe({ nativeId: null, userName: 'ann' })).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
  });

  test('another account than the one asked for is not believed', async () => {
    const list = { totalResults: 1, Resources: [{ id: '1', userName: 'somebody' }] };
    proxy.play({ kind: 'status', status: 200, body: JSON.stringify(list) });
    await expect(connector.observe({ nativeId: null, userName: 'ann' })).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
  });

  test.each([
    ['text for a boolean', '"False"', false],
    ['text for true', '"true"', true],
    ['nothing at all', 'null', null],
    ['a word that says neither', '"pending"', null],
  ])('reads active as %s', async (_title, active, enabled) => {
    proxy.play({ kind: 'status', status: 200, body: `{"id":"1","userName":"ann","active":${active},"groups":[]}` });
    expect(await connector.observe({ nativeId: '1', userName: 'ann' })).toMatchObject({ enabled });
  });

  test('what comes through a group in a group is not held: it can be neither given nor taken', async () => {
    const groups = [
      { value: '7', display: 'Finance', type: 'direct' },
      { value: '8', display: 'All', type: 'Indirect' },
      { value: '9', display: 'Sales' },
    ];
    proxy.play({ kind: 'status', status: 200, body: JSON.stringify({ id: '1', userName: 'ann', active: true, groups }) });
    expect(await connector.observe({ nativeId: '1', userName: 'ann' })).toMatchObject({ entitlements: ['Finance', 'Sales'] });
  });

  test('a group that is gone in no words of SCIM is not taken for gone, and keeps nobody from being looked at', async () => {
    const ref = await connector.create(ann);
    proxy.playFrom(() => (proxy.seen.at(-1)?.includes('/Groups/') ? { kind: 'status', status: 404, body: '<h1>Not found</h1>' } : null));
    const seen = await connector.observe(ref, [{ entitlement: 'Nowhere', groupId: '4711', isNeeded: true }]);
    expect(seen?.memberships).toEqual([{ entitlement: 'Nowhere', groupId: '4711', evidence: 'incomplete' }]);
  });

  test('a name that several accounts bear is nobody', async () => {
    const user = (id: string, userName: string) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], id, userName, active: true });
    const play = (...names: readonly string[]): void => {
      const Resources = names.map((name, index) => user(String(index), name));
      const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: names.length, Resources });
      proxy.play({ kind: 'status', status: 200, headers: { 'content-type': 'application/scim+json' }, body });
    };
    const ref = { nativeId: null, userName: 'ann' };
    for (const names of [
      ['ann', 'ann'],
      ['Ann', 'ANN'],
    ])
      for (const call of [() => connector.observe(ref), () => connector.disable(ref), () => connector.delete(ref)]) {
        play(...names);
        await expect(call()).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' });
      }
  });

  test('what the target wrote of a person is in no error', async () => {
    proxy.play({
      kind: 'status',
      status: 400,
      body: '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"Ann Miller","detail":"Ann Miller is unknown"}',
    });
    const error = await connector.create(ann).catch((thrown: Error & { details: object }) => thrown);
    expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { target: 'crm', status: '400' } });
    expect(JSON.stringify(error) + String(error)).not.toContain('Miller');
  });

  test('the server comes back with its data', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'scim-'));
    const dataFile = join(directory, 'data.json');
    const first = await startScimServer({ port: 0, token, dataFile });
    const port = Number(new URL(first.url).port);
    const at = connectorTo(first.url);
    const ref = await at.create(ann);
    await at.addMember('Finance', ref);
    await first.stop();
    await expect(at.disable(ref)).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
    const second = await startScimServer({ port, token, dataFile });
    await at.disable(ref);
    expect(await second.look('ann')).toEqual({ exists: true, enabled: false, groups: ['Finance'] });
    await at.close();
    await second.stop();
    rmSync(directory, { recursive: true });
  });
});
