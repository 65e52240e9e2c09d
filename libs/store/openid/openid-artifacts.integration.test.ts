import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXPIRING_ROWS } from '../upkeep/expiring-rows.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import type { Transaction } from '../open-store.ts';
import type { OpenidArtifact } from './openid-artifacts.ts';

let database: TestDatabase;
let grantId = '';
let identityId = '';
const now = '2026-03-01T12:00:00.000Z';
const soon = '2026-03-01T12:05:00.000Z';
const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<Awaited<T>> =>
  database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, work) as Promise<Awaited<T>>;
const artifact = (more: Partial<OpenidArtifact> = {}): OpenidArtifact => ({
  model: 'AccessToken',
  id: `secret-${randomUUID()}`,
  payload: { scope: 'openid' },
  grantId,
  expiresAt: soon,
  ...more,
});
const refreshTokens = () => database.execute(`select id, parent_id, expires_at, ended_at from credential where kind = 'refresh-token' and ended_at is null`);

beforeAll(async () => {
  database = await createTestDatabase();
  identityId = randomUUID();
  await database.execute(
    `insert into identity (id, user_name, user_type, attributes, relationships, time_zone, endings, reported_activity, questions, groups, search_text, state, activations, revision, created_at)
      values (?, 'ann', 'employee', '{}', '[]', 'UTC', '{}', '[]', '[]', '{}', '', 'active', '{}', 0, now())`,
    [identityId],
  );
});
afterAll(() => database.drop());

/** A session at an application. */
async function openSession(): Promise<void> {
  grantId = await act(async (tx) => {
    const { session } = await tx.sessions.open(identityId, 'partner', now, '2026-03-01T20:00:00.000Z');
    const opened = { identityId, parentId: session.id, application: 'wiki', protocol: 'oidc', subject: 's', claimsDigest: 'd', details: {} } as const;
    return (await tx.applicationSessions.open({ ...opened, expiresAt: '2026-03-01T13:00:00.000Z' }, now)).id;
  });
}

describe('artifacts of the OpenID provider', () => {
  test('are found by their secret, of which the database has a hash alone', async () => {
    await openSession();
    const one = artifact();
    expect(await act((tx) => tx.openidArtifacts.save(one, now))).toBe(true);
    expect(await act((tx) => tx.openidArtifacts.find('AccessToken', one.id, now))).toEqual({ payload: one.payload, consumedAt: null });
    expect(await act((tx) => tx.openidArtifacts.find('RefreshToken', one.id, now))).toBeNull();
    expect(JSON.stringify(await database.execute('select * from openid_artifact'))).not.toContain(one.id);
  });
  test('are dead once the session at the application has ended, and none is added to it', async () => {
    await openSession();
    const [access, refresh] = [artifact(), artifact({ model: 'RefreshToken' })];
    await act((tx) => tx.openidArtifacts.save(access, now));
    await act((tx) => tx.openidArtifacts.save(refresh, now));
    await act((tx) => tx.sessions.revokeAll(identityId, 'left', now));
    for (const { model, id } of [access, refresh]) expect(await act((tx) => tx.openidArtifacts.find(model, id, now))).toBeNull();
    for (const model of ['AccessToken', 'RefreshToken', 'AuthorizationCode'] as const)
      expect(await act((tx) => tx.openidArtifacts.save(artifact({ model }), now))).toBe(false);
  });
  test('of refresh tokens of one session, one credential is below it, which expires with it and can be ended alone', async () => {
    await openSession();
    const [first, second, access] = [artifact({ model: 'RefreshToken' }), artifact({ model: 'RefreshToken' }), artifact()];
    for (const one of [first, second, access]) await act((tx) => tx.openidArtifacts.save(one, now));
    const known = await refreshTokens();
    expect(known).toEqual([expect.objectContaining({ parent_id: grantId })]);
    await act((tx) => tx.sessions.revoke(String(known[0]?.['id']), 'ended by an operator', now));
    for (const { id } of [first, second]) expect(await act((tx) => tx.openidArtifacts.find('RefreshToken', id, now))).toBeNull();
    expect(await act((tx) => tx.openidArtifacts.find('AccessToken', access.id, now))).not.toBeNull();
  });
  test('are consumed once, and then say so', async () => {
    await openSession();
    const one = artifact({ model: 'AuthorizationCode' });
    await act((tx) => tx.openidArtifacts.save(one, now));
    const consumed = await Promise.all([1, 2, 3].map(() => act((tx) => tx.openidArtifacts.consume('AuthorizationCode', one.id, now))));
    expect(consumed.filter(Boolean)).toHaveLength(1);
    expect(await act((tx) => tx.openidArtifacts.find('AuthorizationCode', one.id, now))).toMatchObject({ consumedAt: now });
  });
  test('a proof is claimed once until it expires', async () => {
    const claims = await Promise.all([1, 2, 3].map(() => act((tx) => tx.openidArtifacts.claim('proof', soon, now))));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await act((tx) => tx.openidArtifacts.claim('proof', '2026-03-01T12:20:00.000Z', '2026-03-01T12:10:00.000Z'))).toBe(true);
  });
  test('are revoked by kind; with refresh tokens their credential ends', async () => {
    await openSession();
    const [refresh, access] = [artifact({ model: 'RefreshToken' }), artifact()];
    for (const one of [refresh, access]) await act((tx) => tx.openidArtifacts.save(one, now));
    await act((tx) => tx.openidArtifacts.revoke('RefreshToken', grantId, now));
    expect(await act((tx) => tx.openidArtifacts.find('RefreshToken', refresh.id, now))).toBeNull();
    expect(await act((tx) => tx.openidArtifacts.find('AccessToken', access.id, now))).not.toBeNull();
    expect(await refreshTokens()).toEqual([]);
  });
  test('are deleted once they have expired, in batches', async () => {
    const rows = EXPIRING_ROWS.find(({ name }) => name === 'openid-artifacts');
    if (rows === undefined) throw new Error('they do not expire');
    const expire = (): Promise<number> => act((tx) => tx.upkeep.expire(rows, '2026-04-01T00:00:00.000Z', 3));
    expect(await expire()).toBe(3);
    for (let deleted = 3; deleted > 0; ) deleted = await expire();
    expect(await database.execute('select 1 from openid_artifact')).toEqual([]);
  });
});
