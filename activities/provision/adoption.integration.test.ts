import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceSettings, TargetSettings } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import type { ObservedAccount, RepairInput } from '@tenure/domain';
import type { StoredAccount, Transaction } from '@tenure/store';
import { createTestEngine, testConfiguration, testProvider, testSource, type TestEngine } from '@tenure/engine/testing';
import { Client as SqlClient } from 'pg';
import { bindDn, groups, people, type RunningDirectory, slapdPath, startDirectory } from '@tenure/testing/targets/directory.ts';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { startSqlApplication } from '@tenure/testing/targets/sql-application.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import { type Applied, applyOperations } from './apply-operations.ts';
import { noMeter } from '../../libs/engine/decide/meter.ts';
import { terminate } from '../../libs/engine/leavers/terminate.ts';
import { rivalOfAdoption } from '@tenure/engine/provision';
import { planRepair, repairAs } from '@tenure/engine/repairs';
import type { IncomingRecord } from '../../libs/engine/intake/incoming-record.ts';

/** A target with accounts that Tenure has never seen. */
interface LivingTarget {
  readonly name: string;
  readonly settings: TargetSettings;
  /** Makes an enabled account there, past Tenure, with a mark of its own. */
  add(userName: string, mail: string): Promise<void>;
  stop(): Promise<void>;
}

const base = { title: '', timeout: 5000, concurrency: 4, ratePerSecond: 100, confirmWithin: 60_000 };
const ownMark = 'P-4711';

async function scim(): Promise<LivingTarget> {
  const server = await startScimServer({ port: 0, token: 'token', groups: ['Staff'] });
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  return {
    name: 'crm',
    settings: {
      ...base,
      kind: 'scim',
      name: 'crm',
      url: server.url,
      token: 'token',
      attributes: { displayName: 'identity.displayName', emails: 'identity.email' },
      adoptBy: 'emails',
      mode: 'enforce',
    },
    async add(userName, mail) {
      const user = { schemas, userName, externalId: ownMark, displayName: 'The Boss', active: true, emails: [{ value: mail, primary: true, type: 'work' }] };
      const answer = await fetch(`${server.url}/Users`, { method: 'POST', headers: { authorization: 'Bearer token' }, body: JSON.stringify(user) });
      expect(answer.status).toBe(201);
    },
    stop: () => server.stop(),
  };
}

async function ldap(): Promise<LivingTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'tenure-adoption-'));
  const port = await freePort();
  const server: RunningDirectory = await startDirectory({ directory, port, password: 'password' });
  const admin = await server.open();
  const attributes = { cn: 'identity.displayName', sn: 'identity.familyName', mail: 'identity.email' };
  return {
    name: 'directory',
    settings: {
      ...base,
      kind: 'ldap',
      name: 'directory',
      url: server.url,
      bindDn,
      password: 'password',
      tls: 'none',
      caFile: null,
      people: [people],
      createBelow: people,
      lookBelow: null,
      groups,
      idAttribute: 'uid',
      externalIdAttribute: 'employeeNumber',
      disable: { attribute: 'employeeType', disabled: 'disabled', enabled: 'enabled' },
      attributes,
      adoptBy: 'mail',
      mode: 'enforce',
    },
    async add(userName, mail) {
      const entry = { objectClass: 'inetOrgPerson', uid: userName, cn: 'The Boss', sn: 'Boss', mail, employeeNumber: ownMark, employeeType: 'enabled' };
      await admin.add(`uid=${userName},${people}`, entry);
    },
    async stop() {
      await admin.unbind();
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

async function sql(): Promise<LivingTarget> {
  const url = new URL(process.env['TENURE_TEST_DATABASE_URL'] ?? '');
  url.pathname = `/adoption_${randomBytes(6).toString('hex')}`;
  const application = await startSqlApplication({ url: url.href });
  const client = new SqlClient({ connectionString: url.href });
  await client.connect();
  const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail';
  const where = 'WHERE id = :nativeId::bigint';
  return {
    name: 'ledger',
    settings: {
      ...base,
      kind: 'sql',
      name: 'ledger',
      url: url.href,
      tls: 'none',
      caFile: null,
      attributes: { full_name: 'identity.displayName', mail: 'identity.email' },
      adoptBy: 'mail',
      mode: 'enforce',
      statements: {
        list: `SELECT ${columns} FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit`,
        find: `SELECT ${columns} FROM accounts WHERE login = :userName`,
        read: `SELECT ${columns} FROM accounts ${where}`,
        create:
          'INSERT INTO accounts (login, external_id, active, full_name, mail) VALUES (:userName, :externalId, :enabled, :full_name, :mail) RETURNING id::text AS native_id',
        update: `UPDATE accounts SET external_id = :externalId, full_name = :full_name, mail = :mail ${where}`,
        enable: `UPDATE accounts SET active = true ${where}`,
        disable: `UPDATE accounts SET active = false ${where}`,
        delete: `DELETE FROM accounts ${where}`,
        memberships: 'SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint',
        addMember: 'INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING',
        removeMember: 'DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement',
      },
    },
    async add(userName, mail) {
      await client.query('INSERT INTO accounts (login, external_id, active, full_name, mail) VALUES ($1, $2, true, $3, $4)', [
        userName,
        ownMark,
        'The Boss',
        mail,
      ]);
    },
    async stop() {
      await client.end();
      await application.stop();
    },
  };
}

const source = (name: string, more: Partial<SourceSettings> = {}): SourceSettings =>
  testSource(name, { trustedEmailDomains: ['corp.example'], correlate: [{ attribute: 'employeeNumber' }], ...more });

const starts = { scim, sql, ...(slapdPath() === null ? {} : { ldap }) };
const text = { type: 'string' } as const;
let targets: readonly LivingTarget[];
let connectors: Readonly<Record<string, TargetConnector>>;
let world: TestEngine;

beforeAll(async () => {
  targets = await Promise.all(Object.values(starts).map((start) => start()));
  connectors = Object.fromEntries(targets.map(({ name, settings }) => [name, createConnector(settings)]));
  const entitlements = Object.fromEntries(targets.map(({ name }) => [name, { name, title: name, target: name, value: null }]));
  const configuration = testConfiguration({
    attributes: { displayName: text, familyName: text, email: text, employeeNumber: text },
    precedence: { default: ['hr', 'crew', 'corp', 'partner'], attributes: {} },
    sources: { hr: source('hr'), crew: source('crew', { authoritative: false, correlate: [] }) },
    identityProviders: {
      corp: testProvider('corp', { trustedEmailDomains: ['corp.example'] }),
      partner: testProvider('partner', { trustedEmailDomains: ['partner.example'] }),
    },
    targets: Object.fromEntries(targets.map(({ name, settings }) => [name, settings])),
    policy: {
      attributes: {},
      entitlements,
      birthright: [{ name: 'everybody', when: 'true', roles: [], entitlements: Object.keys(entitlements) }],
    },
  });
  world = await createTestEngine(configuration);
});
afterAll(async () => {
  for (const connector of Object.values(connectors ?? {})) await connector.close();
  for (const target of targets ?? []) await target.stop();
  await world?.stop();
});

const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => world.act(work);

async function says(from: string, more: Partial<IncomingRecord>): Promise<string> {
  const status = from === 'corp' || from === 'partner' ? null : ('active' as const);
  return (await world.take({ source: from, status, ...more })).identityId ?? '';
}
const facts = (email: string, more: object = {}) => ({ email, displayName: 'Somebody Else', familyName: 'Else', ...more });
const apply = (identityId: string, target: string): Promise<Applied> =>
  applyOperations(
    { store: world.database.store, engine: world.engine, connectors, meter: noMeter },
    { identityId, target, context: world.context(), alive: () => undefined },
  );
const administrator = {
  kind: 'service' as const,
  id: '00000000-0000-4000-8000-00000000000a',
  personId: null,
  roles: new Set(['admin'] as const),
  sources: new Set<string>(),
  sessionId: null,
  expiresAt: '2099-01-01T00:00:00.000Z',
};
/** Plans a repair and carries it out. */
async function repair(input: RepairInput): Promise<void> {
  const dependencies = { store: world.database.store, engine: world.engine, context: () => world.context() };
  const { digest } = await planRepair(dependencies, administrator, input);
  await repairAs(dependencies, administrator, input, { digest, reason: 'one person' });
}
const read = (target: string, userName: string): Promise<ObservedAccount | null | undefined> =>
  connectors[target]?.observe({ nativeId: null, userName }) ?? Promise.resolve(undefined);
const accountOf = async (identityId: string, target: string): Promise<StoredAccount> => {
  const account = await world.database.store.read((tx) => tx.access.account(identityId, target));
  if (account === null) throw new Error('there is no such account');
  return account;
};
const conflictsOf = (identityId: string): Promise<readonly Record<string, unknown>[]> =>
  world.database.execute('select target from case_file where identity_id = ? and kind = ? order by target', [identityId, 'account-conflict']);

describe.each(Object.keys(starts).map((kind, index) => [kind, index] as const))('a living %s target', (_, index) => {
  const target = (): LivingTarget => {
    const found = targets[index];
    if (found === undefined) throw new Error('not started');
    return found;
  };

  test.each<[string, string, string, boolean]>([
    ['whose provider does not say that it is verified', 'corp', 'corp.example', false],
    ['whose provider is not trusted for its domain', 'partner', 'corp.example', true],
  ])("a login with the e-mail of somebody's account, %s, leaves it as it is, also when it ends", async (_title, provider, domain, emailVerified) => {
    const userName = `boss.${provider}.${target().name}`;
    await target().add(userName, `${userName}@${domain}`);
    const before = await read(target().name, userName);
    expect(before).toMatchObject({ enabled: true, externalId: ownMark });

    const stranger = await says(provider, { facts: facts(`${userName}@${domain}`), emailVerified });
    expect(await apply(stranger, target().name)).toMatchObject({ outcome: 'waiting' });
    expect(await read(target().name, userName)).toEqual(before);
    expect(await conflictsOf(stranger)).toContainEqual({ target: target().name });

    await transaction((tx) => terminate(tx, world.engine, stranger, 'left'));
    await apply(stranger, target().name);
    expect(await read(target().name, userName)).toEqual(before);
  });

  test.each<[string, string, Partial<IncomingRecord>]>([
    ['HR', 'hr', {}],
    ['a login that says that it is verified', 'corp', { emailVerified: true }],
  ])('by the e-mail of %s, which may speak for it, the account is taken over', async (_title, from, more) => {
    const userName = `own.${from}.${target().name}`;
    await target().add(userName, `${userName}@corp.example`);
    const before = await read(target().name, userName);
    const identityId = await says(from, { facts: facts(`${userName}@corp.example`), ...more });
    await apply(identityId, target().name);
    const { nativeId } = await accountOf(identityId, target().name);
    expect(nativeId).toBe(before?.nativeId);
    expect(await conflictsOf(identityId)).not.toContainEqual({ target: target().name });
    const after = await read(target().name, userName);
    expect(after).toMatchObject({ enabled: true, userName });
    // It bears another person's mark, and is not written again for that.
    expect(await apply(identityId, target().name)).toEqual({ outcome: 'confirmed', done: 0 });
    expect(await read(target().name, userName)).toEqual(after);
  });

  test('an account that is known as the account of somebody who has ended is nobody else’s', async () => {
    const { name } = target();
    const userName = `heir.${name}`;
    await target().add(userName, `${userName}@corp.example`);
    const first = await says('hr', { facts: facts(`${userName}@corp.example`) });
    await apply(first, name);
    await transaction((tx) => terminate(tx, world.engine, first, 'left'));
    const there = await read(name, userName);
    const heir = await says('crew', { facts: facts(`${userName}@corp.example`) });
    const account = await accountOf(heir, name);
    expect(account.desired.adoption).toMatchObject({ restsOn: ['email'] });
    const rival = await world.database.store.read((tx) => rivalOfAdoption(tx, world.engine, account, there as ObservedAccount));
    expect(rival).toEqual({ identityId: first, reason: 'it is known as the account of another person' });
    await apply(first, name);
    const closed = await read(name, userName);
    // As if the target had given the heir's name to it.
    await world.database.execute('update account set user_name = ? where identity_id = ? and target = ?', [userName, heir, name]);
    expect(await apply(heir, name)).toMatchObject({ outcome: 'waiting' });
    expect(await conflictsOf(heir)).toContainEqual({ target: name });
    expect(await read(name, userName)).toEqual(closed);
  });
});

describe.each(Object.keys(starts).map((kind, index) => [kind, index] as const))('two identities of one person in a %s target', (_, index) => {
  const target = (): string => targets[index]?.name ?? '';
  const nativeIds = async (...ids: readonly string[]) => Promise.all(ids.map(async (id) => (await accountOf(id, target())).nativeId));

  test('when they are merged, the chosen account goes on by its id with the mark of the one that goes on, and the other one is closed; an undo brings both back', async () => {
    const [one, other] = [`from.${target()}`, `into.${target()}`];
    const from = await says('hr', { facts: facts(`${one}@corp.example`, { employeeNumber: one }) });
    const into = await says('hr', { facts: facts(`${other}@corp.example`, { employeeNumber: other }) });
    for (const id of [from, into]) await apply(id, target());
    const [ofFrom, ofInto] = await nativeIds(from, into);
    await repair({ kind: 'merge-identities', fromIdentityId: from, intoIdentityId: into, accountsOfFrom: [target()] });
    expect(await nativeIds(from, into)).toEqual([ofInto, ofFrom]);
    for (const id of [into, from]) await apply(id, target());
    expect(await read(target(), one)).toMatchObject({ nativeId: ofFrom, externalId: into, enabled: true });
    expect(await read(target(), other)).toMatchObject({ nativeId: ofInto, externalId: from, enabled: false });
    expect(await apply(into, target())).toMatchObject({ outcome: 'confirmed', done: 0 });
    expect(await apply(from, target())).toMatchObject({ outcome: 'confirmed', done: 0 });

    const [merged] = await world.read((tx) => tx.repairs.page(from, 1, null));
    await repair({ kind: 'undo', repairId: merged?.id ?? '' });
    for (const id of [into, from]) await apply(id, target());
    expect(await read(target(), one)).toMatchObject({ nativeId: ofFrom, externalId: from, enabled: true });
    expect(await read(target(), other)).toMatchObject({ nativeId: ofInto, externalId: into, enabled: true });
  });

  test('an account with a released user name that is back in the target belongs to nobody by its name', async () => {
    const userName = `gone.${target()}`;
    const email = `${userName}@corp.example`;
    const left = await says('hr', { facts: facts(email, { employeeNumber: userName }) });
    for (const { name } of targets) await apply(left, name);
    await transaction((tx) => terminate(tx, world.engine, left, 'left'));
    for (const { name } of targets) await apply(left, name);
    const release = { kind: 'release-user-name', identityId: left } as const;
    await expect(repair(release)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    for (const { name } of targets) {
      await connectors[name]?.delete({ nativeId: (await accountOf(left, name)).nativeId, userName });
      // It was read back as closed, and is read again as gone.
      await world.database.execute('update account set confirmed_at = null where identity_id = ? and target = ?', [left, name]);
      await apply(left, name);
    }
    await repair(release);
    const heir = await says('hr', { facts: facts(email, { employeeNumber: `${userName}-2` }) });
    expect((await world.read((tx) => tx.identities.byUserName(userName)))?.id).toBe(heir);
    // As from a backup of the target: it bears the mark of the former holder.
    const attributes = (await accountOf(heir, target())).desired.attributes;
    await connectors[target()]?.create({ userName, externalId: left, enabled: true, attributes });
    const back = await read(target(), userName);
    expect(await apply(heir, target())).toMatchObject({ outcome: 'waiting' });
    expect(await conflictsOf(heir)).toContainEqual({ target: target() });
    expect(await read(target(), userName)).toEqual(back);
  });
});

describe('somebody else whose account it may be', () => {
  const seen: ObservedAccount = { nativeId: 'never-seen', userName: 'x', externalId: null, enabled: true, attributes: {}, entitlements: [], memberships: [] };
  const rival = async (identityId: string, observed: Partial<ObservedAccount> = {}) => {
    const account = await accountOf(identityId, 'crm');
    return world.database.store.read((tx) => rivalOfAdoption(tx, world.engine, account, { ...seen, ...observed }));
  };

  test('is who has the same e-mail by a source that may say so, whether or not they have ended', async () => {
    const first = await says('hr', { facts: facts('shared@corp.example') });
    const second = await says('crew', { facts: facts('Shared@corp.example') });
    expect(await rival(second)).toEqual({ identityId: first, reason: 'another person is known by the same email' });
    await transaction((tx) => terminate(tx, world.engine, first, 'left'));
    expect(await rival(second)).toEqual({ identityId: first, reason: 'another person is known by the same email' });
  });

  test('is nobody who only claims it, and nobody where the account bears the mark of the person or is known by its id', async () => {
    const alone = await says('hr', { facts: facts('alone@corp.example') });
    await says('corp', { facts: facts('alone@corp.example'), emailVerified: false });
    await says('partner', { facts: facts('alone@corp.example'), emailVerified: true });
    expect(await rival(alone)).toBeNull();
    await says('crew', { facts: facts('alone@corp.example') });
    expect(await rival(alone)).not.toBeNull();
    expect(await rival(alone, { externalId: alone })).toBeNull();
  });
});

test('whether an e-mail is verified is kept for each record, apart from whether its source is trusted', async () => {
  const wanted = [
    ['corp', 'a@corp.example', true, { email_verified: true, email_trusted: true }],
    ['corp', 'b@corp.example', false, { email_verified: false, email_trusted: false }],
    ['corp', 'c@elsewhere.example', true, { email_verified: true, email_trusted: false }],
    ['corp', 'd@corp.example', undefined, { email_verified: false, email_trusted: false }],
    ['hr', 'e@corp.example', undefined, { email_verified: true, email_trusted: true }],
  ] as const;
  for (const [from, email, emailVerified, expected] of wanted) {
    const id = await says(from, { facts: facts(email), ...(emailVerified === undefined ? {} : { emailVerified }) });
    expect(await world.database.execute('select email_verified, email_trusted from source_record where identity_id = ?', [id])).toEqual([expected]);
  }
});
