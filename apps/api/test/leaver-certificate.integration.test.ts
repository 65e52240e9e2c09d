import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Reading } from '@tenure/store';
import { compactVerify, createLocalJWKSet, importJWK, type JSONWebKeySet } from 'jose';
import { createTestApi, later, type TestApi } from './api.ts';

let api: TestApi;
let auditor: string;

beforeAll(async () => {
  api = await createTestApi();
  auditor = await api.serviceToken('auditor');
});
afterAll(() => api.stop());

const fields = `identityId state endedAt sessionsEnded isComplete jws pdfUrl
  targets { target title desired outcome confirmedAt nextObservationAt observations { at observed matchesDesired } open { change status error } }`;
const ask = (id: string) => api.graphql(`query ($id: ID!) { leaverCertificate(identityId: $id) { ${fields} } }`, { token: auditor, variables: { id } });
const certificateOf = async (id: string): Promise<{ jws: string; isComplete: boolean; targets: readonly object[] }> =>
  (((await ask(id)).data ?? {}) as unknown as { leaverCertificate: { jws: string; isComplete: boolean; targets: readonly object[] } }).leaverCertificate;

async function keys(): Promise<JSONWebKeySet> {
  const response = await api.app.inject({ method: 'GET', url: '/certificates/keys' });
  expect(response.headers['content-type']).toContain('application/jwk-set+json');
  return response.json();
}

/** A person who has left, with the observations that a worker would have made of the account. */
async function leaver(...found: readonly Pick<Reading, 'at' | 'found' | 'isAsWanted'>[]): Promise<string> {
  const { id } = await api.person('Finance');
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
  await api.graphql('mutation ($ids: [ID!]!) { terminateNow(identityIds: $ids, reason: "test") { outcome } }', {
    token: await api.serviceToken('operator'),
    variables: { ids: [id] },
  });
  await api.store.transaction(context, async (tx) => {
    const account = await tx.access.account(id, 'crm');
    if (account === null) throw new Error('no account is wanted');
    const first = found.find(({ isAsWanted }) => isAsWanted)?.at ?? null;
    await tx.access.saveAccount({ ...account, confirmedAt: first, observedAt: found.at(-1)?.at ?? null });
    await tx.readings.add(
      found.map((one) => ({
        ...one,
        id: randomUUID(),
        identityId: id,
        accountId: account.id,
        target: 'crm',
        entitlements: [],
        wanted: 'disabled',
        correlationId: 'test',
      })),
    );
  });
  return id;
}

describe('leaverCertificate', () => {
  test('names each target with what was confirmed, when and by which reading', async () => {
    const id = await leaver({ at: api.now, found: 'disabled', isAsWanted: true });
    const { data, errors } = await ask(id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      leaverCertificate: {
        identityId: id,
        state: 'LEAVING',
        endedAt: api.now,
        sessionsEnded: 1,
        isComplete: false,
        pdfUrl: `http://localhost:4000/leavers/${id}/certificate.pdf`,
        targets: [{ target: 'crm', title: 'CRM', desired: 'DISABLED', outcome: 'CONFIRMED', confirmedAt: api.now, nextObservationAt: later(api.now, 4) }],
      },
    });
  });

  test('is complete once every end was read again hours later', async () => {
    const again = { at: later(api.now, 4), found: 'disabled', isAsWanted: true } as const;
    const certificate = await certificateOf(await leaver({ ...again, at: api.now }, again));
    expect(certificate).toMatchObject({
      isComplete: true,
      targets: [{ outcome: 'CONFIRMED_AGAIN', nextObservationAt: null, observations: [{ at: api.now }, { at: again.at }] }],
    });
  });

  test('says what could not be', async () => {
    const certificate = await certificateOf(await leaver({ at: api.now, found: 'enabled', isAsWanted: false }));
    expect(certificate).toMatchObject({
      isComplete: false,
      targets: [{ outcome: 'NOT_CONFIRMED', confirmedAt: null, observations: [{ observed: 'ENABLED', matchesDesired: false }] }],
    });
  });

  test('names the last believed run after the end of each target, and what it found of the person under any name', async () => {
    const id = await leaver({ at: api.now, found: 'disabled', isAsWanted: true });
    const reconciliation = async () => {
      const { data } = await api.graphql(
        `query ($id: ID!) { leaverCertificate(identityId: $id) { isComplete reconciliation { target mode run { id verdict accounts provesAbsence } findings { kind userName enabled isUrgent } } } }`,
        { token: auditor, variables: { id } },
      );
      return (data as unknown as { leaverCertificate: { isComplete: boolean; reconciliation: readonly object[] } }).leaverCertificate;
    };
    const unread = await reconciliation();
    expect(unread.reconciliation).toMatchObject([{ target: 'crm', run: null, findings: [] }]);
    const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: later(api.now, 1) } as const;
    const run = (verdict: 'complete' | 'partial', silent: boolean) =>
      api.store.transaction(context, async (tx) => {
        const { run: begun } = await tx.reconciliationRuns.begin(randomUUID(), 'crm', context.now);
        const account = await tx.access.account(id, 'crm');
        if (silent) await tx.unprovenAccounts.add(begun.id, [account?.id ?? '']);
        await tx.reconciliationRuns.finish(begun.id, { verdict, reasons: [] }, { found: 0, opened: 0, closed: 0, unproven: 0 }, context.now);
        return begun.id;
      });
    const proof = async () => (await reconciliation()).reconciliation;
    expect(await proof()).toMatchObject([{ run: null }]);
    const partial = await run('partial', false);
    expect(await proof()).toMatchObject([{ run: { id: partial, verdict: 'PARTIAL', provesAbsence: false } }]);
    await api.database.execute('delete from reconciliation_run');
    const silent = await run('complete', true);
    expect(await proof()).toMatchObject([{ run: { id: silent, verdict: 'COMPLETE', provesAbsence: false } }]);
    await api.database.execute('delete from reconciliation_run');
    const complete = await run('complete', false);
    expect(await proof()).toMatchObject([{ run: { id: complete, verdict: 'COMPLETE', provesAbsence: true }, findings: [] }]);
    await api.store.transaction(context, (tx) =>
      tx.findings.see(
        'crm',
        complete,
        [
          {
            kind: 'leaver-account',
            subject: '77',
            name: '',
            identityId: id,
            accountId: null,
            nativeId: '77',
            userName: 'somebody.else',
            isUrgent: true,
            isProven: true,
            evidence: { enabled: true, markedFor: id, seenBy: 'listing' },
          },
        ],
        context.now,
      ),
    );
    expect(await reconciliation()).toMatchObject({
      isComplete: false,
      reconciliation: [{ findings: [{ kind: 'LEAVER_ACCOUNT', userName: 'somebody.else', enabled: true, isUrgent: true }] }],
    });
  });

  test('is for leavers: nobody else has one', async () => {
    const { id } = await api.person('Sales');
    expect((await ask(id)).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await ask(randomUUID())).errors[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

describe('its signature', () => {
  test('is verified by a JOSE library with the published key, as the documentation says', async () => {
    const id = await leaver({ at: api.now, found: 'disabled', isAsWanted: true });
    const { jws } = await certificateOf(id);
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(await keys()));
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'tenure-leaver-certificate+jws' });
    expect(JSON.parse(Buffer.from(payload).toString('utf8'))).toMatchObject({
      kind: 'tenure-leaver-certificate/1',
      issuer: 'http://localhost:4000',
      identityId: id,
    });
  });

  test('does not hold for a certificate that was changed', async () => {
    const { jws } = await certificateOf(await leaver({ at: api.now, found: 'enabled', isAsWanted: false }));
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const forged = Buffer.from(payload, 'base64url').toString('utf8').replace('"not-confirmed"', '"confirmed"');
    const [key] = (await keys()).keys;
    const verify = (text: string) => importJWK(key ?? {}).then((known) => compactVerify(text, known));
    await expect(verify(`${header}.${Buffer.from(forged).toString('base64url')}.${signature}`)).rejects.toThrow('signature verification failed');
    await expect(verify(jws)).resolves.toBeDefined();
  });
});

describe('on paper', () => {
  const pdf = (id: string, token: string | null) =>
    api.app.inject({ method: 'GET', url: `/leavers/${id}/certificate.pdf`, headers: token === null ? {} : { authorization: `Bearer ${token}` } });

  test('holds the signed form as an attachment', async () => {
    const id = await leaver({ at: api.now, found: 'disabled', isAsWanted: true });
    const response = await pdf(id, auditor);
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'application/pdf']);
    const bytes = response.rawPayload.toString('latin1');
    expect(bytes).toMatch(/^%PDF-1\.\d/);
    const [attached = ''] = /ey[\w-]+\.[\w-]+\.[\w-]+/.exec(bytes) ?? [];
    const { payload } = await compactVerify(attached, createLocalJWKSet(await keys()));
    expect(JSON.parse(Buffer.from(payload).toString('utf8'))).toMatchObject({ identityId: id });
  });

  test('is for readers alone', async () => {
    const id = await leaver({ at: api.now, found: 'disabled', isAsWanted: true });
    expect((await pdf(id, null)).statusCode).toBe(401);
    expect((await pdf(id, (await api.person('Sales')).token)).statusCode).toBe(403);
    expect((await pdf(randomUUID(), auditor)).statusCode).toBe(404);
    expect((await pdf('nobody', auditor)).statusCode).toBe(400);
  });
});
