import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { Configuration, LdapTargetSettings } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable } from '@tenure/domain';
import type { ActContext, Case, Transaction } from '@tenure/store';
import { testConfiguration, testSource } from '@tenure/engine/testing';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { bindDn, groups, manageDsaIt, people, type RunningDirectory, slapdPath, startDirectory, suffix } from '@tenure/testing/targets/directory.ts';
import { choosePort } from '../../tools/embedded/ports.ts';
import type { Engine } from '../../libs/engine/decide/engine.ts';
import { noMeter } from '../../libs/engine/decide/meter.ts';
import { applyOperations } from './apply-operations.ts';
import { createEngine } from '../../libs/engine/decide/create-engine.ts';
import { takeRecord } from '../../libs/engine/intake/take-records.ts';
import { publishPolicy } from '../../libs/engine/policy/publish-policy.ts';

const former = `ou=former,${suffix}`;
const attributes = { email: { type: 'string' }, givenName: { type: 'string' }, title: { type: 'string' }, department: { type: 'string' } } as const;

if (slapdPath() === null) {
  describe('a directory', () => {
    // In CI a missing slapd is a failure of the set-up, and must not pass for success.
    (process.env['CI'] === 'true' ? test : test.skip)('needs slapd, which is not installed here (Debian: apt-get install slapd)', () => {
      throw new Error('slapd is not installed');
    });
  });
} else {
  describe('a directory in which people move things by hand', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenure-directory-'));
    let server: RunningDirectory;
    let admin: Awaited<ReturnType<RunningDirectory['open']>>;
    let database: TestDatabase;
    let engine: Engine;
    let directory: TargetConnector;
    let clock = Date.parse('2026-03-01T12:00:00.000Z');

    function configured(url: string): Configuration {
      const settings: LdapTargetSettings = {
        kind: 'ldap',
        name: 'directory',
        title: 'Directory',
        url,
        bindDn,
        password: 'password',
        tls: 'none',
        caFile: null,
        people: [people],
        createBelow: people,
        lookBelow: null,
        groups,
        idAttribute: 'uid',
        externalIdAttribute: null,
        disable: { attribute: 'employeeType', disabled: 'disabled', enabled: 'enabled' },
        timeout: 5000,
        concurrency: 4,
        ratePerSecond: 1000,
        confirmWithin: 60_000,
        attributes: { cn: 'identity.givenName', sn: 'identity.givenName', mail: 'identity.email', title: 'identity.title' },
        adoptBy: 'mail',
      };
      const names = { staff: 'staff', finance: 'Finance', solo: 'Solo', ghost: 'Ghost' }; // The directory has cn=finance.
      return testConfiguration({
        attributes,
        sources: { hr: testSource('hr', { trustedEmailDomains: ['corp.example'] }) },
        targets: { directory: settings },
        policy: {
          entitlements: Object.fromEntries(Object.entries(names).map(([name, value]) => [name, { name, title: value, target: 'directory', value }])),
          birthright: [
            { name: 'everybody', when: 'true', roles: [], entitlements: ['staff'] },
            { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['finance'] },
            { name: 'solo', when: 'identity.department == "Solo"', roles: [], entitlements: ['solo'] },
            { name: 'ghost', when: 'identity.department == "Ghost"', roles: [], entitlements: ['ghost'] },
          ],
        },
      });
    }

    const context = (): ActContext => ({
      actor: { kind: 'system', id: 'worker' },
      correlationId: randomUUID(),
      now: new Date((clock += 10_000)).toISOString(),
    });
    const versions = new Map<string, number>();
    async function says(name: string, facts: Readonly<Record<string, string>>, status: 'active' | 'ended' = 'active'): Promise<string> {
      const version = (versions.get(name) ?? 0) + 1;
      versions.set(name, version);
      const said = { email: `${name}@corp.example`, givenName: name, ...facts };
      const record = { source: 'hr', externalId: name, version: String(version), facts: said, status, endedAt: null };
      const { identityId } = await database.store.transaction(context(), (tx) => takeRecord(tx, engine, record));
      return identityId ?? '';
    }
    /** Applies as Temporal does: again while that may help. @returns the outcome, or the code of the last error */
    async function settle(identityId: string, most = 8): Promise<string> {
      let last = 'never tried';
      for (let attempt = 0; attempt < most; attempt += 1) {
        const dependencies = { store: database.store, engine, connectors: { directory }, meter: noMeter };
        const input = { identityId, target: 'directory', context: context(), alive: () => undefined };
        const applied = await applyOperations(dependencies, input).catch((error: { code: string }) => error.code);
        if (typeof applied !== 'string') return applied.outcome;
        last = applied;
      }
      return last;
    }
    const read = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => database.store.read(work);
    const openOfTarget = (kind: Case['kind']): Promise<readonly Case[]> => read((tx) => tx.cases.openOfTarget(kind, 'directory'));
    const openCases = async (kind: Case['kind'], identityId: string): Promise<readonly Case[]> =>
      (await openOfTarget(kind)).filter((one) => one.identityId === identityId);
    async function valuesOf(dn: string, attribute: string): Promise<readonly string[]> {
      const { searchEntries } = await admin.search(dn, { scope: 'base', attributes: [attribute] });
      return [searchEntries[0]?.[attribute] ?? []].flat().map(String).sort();
    }
    const membersOf = async (name: string): Promise<readonly string[]> =>
      (await valuesOf(`cn=${name},${groups}`, 'member')).filter((member) => member !== bindDn);
    const dnsOf = async (name: string): Promise<readonly string[]> =>
      (await admin.search(suffix, { filter: `(uid=${name})`, attributes: ['1.1'] })).searchEntries.map(({ dn }) => dn);

    beforeAll(async () => {
      database = await createTestDatabase();
      const unique = ['overlay unique', `unique_uri "ldap:///${suffix}?mail?sub"`];
      const port = await choosePort({ purpose: 'the directory' });
      server = await startDirectory({ directory: folder, port, password: 'password', modules: ['unique'], database: ['access to * by * none', ...unique] });
      admin = await server.open();
      await admin.add(former, { objectClass: 'organizationalUnit', ou: 'former' });
      for (const cn of ['Solo']) await admin.add(`cn=${cn},${groups}`, { objectClass: 'groupOfNames', cn, member: bindDn });
      const configuration = configured(server.url);
      directory = createConnector(configuration.targets['directory'] as LdapTargetSettings);
      engine = createEngine({ configuration });
      await database.store.transaction(context(), (tx) => publishPolicy(tx, engine));
    });
    afterAll(async () => {
      await directory.close();
      await admin.unbind();
      await server.stop();
      await database.drop();
      rmSync(folder, { recursive: true });
    });

    it('takes a membership whose answer was lost from the group that has another name by now, and gives it in no other', async () => {
      const usual = directory;
      // The directory has carried it out, and the answer is lost.
      directory = {
        ...usual,
        async addMember(...call) {
          await usual.addMember(...call);
          throw new ConnectorUnavailable('the connection was lost', { target: 'directory' });
        },
      };
      const identityId = await says('lou', { department: 'Solo' });
      expect(await settle(identityId, 1)).toBe('CONNECTOR_UNAVAILABLE');
      directory = usual;
      await admin.modifyDN(`cn=Solo,${groups}`, 'cn=Solo EU');
      await admin.add(`cn=Solo,${groups}`, { objectClass: 'groupOfNames', cn: 'Solo', member: bindDn });
      expect(await settle(identityId)).toBe('confirmed');
      expect([await membersOf('Solo EU'), await membersOf('Solo')]).toEqual([[`uid=lou,${people}`], []]);
      await says('lou', {}, 'ended');
      expect(await settle(identityId)).toBe('confirmed');
      expect([await membersOf('Solo EU'), await membersOf('Solo')]).toEqual([[], []]);
      await admin.del(`cn=Solo EU,${groups}`);
    });

    it('takes a membership that was given by a worker which was killed before it saved that, from the group that has another name by now', async () => {
      const [usual, store] = [directory, database.store];
      let isKilled = false;
      directory = {
        ...usual,
        async addMember(entitlement, ...call) {
          const groupId = await usual.addMember(entitlement, ...call);
          isKilled = entitlement === 'Solo';
          return groupId;
        },
      };
      // Its result is lost, whatever it did: it saves nothing, and its turn expires.
      const killable = Object.assign(Object.create(store) as typeof store, {
        transaction: ((by, work) => (isKilled ? Promise.reject(new Error('killed')) : store.transaction(by, work))) as typeof store.transaction,
      });
      const identityId = await says('kim', { department: 'Solo' });
      const input = { identityId, target: 'directory', context: context(), alive: () => undefined };
      await expect(applyOperations({ store: killable, engine, connectors: { directory }, meter: noMeter }, input)).rejects.toThrow('killed');
      directory = usual;
      await database.execute('update account set lease_until = null');
      expect(await membersOf('Solo')).toEqual([`uid=kim,${people}`]);

      await admin.modifyDN(`cn=Solo,${groups}`, 'cn=Solo EU');
      await admin.add(`cn=Solo,${groups}`, { objectClass: 'groupOfNames', cn: 'Solo', member: bindDn });
      await says('kim', {}, 'ended');
      expect(await settle(identityId)).toBe('confirmed');
      expect([await membersOf('Solo EU'), await membersOf('Solo')]).toEqual([[], []]);
      await admin.del(`cn=Solo EU,${groups}`);
    });

    it('gives an entry that was moved out of people all its groups anew, under its new name', async () => {
      const identityId = await says('max', {});
      expect(await settle(identityId)).toBe('confirmed');
      await admin.modifyDN(`uid=max,${people}`, `uid=max,${former}`);
      await says('max', { department: 'Finance' });
      expect(await settle(identityId)).toBe('confirmed');
      for (const group of ['staff', 'finance']) expect(await membersOf(group)).toEqual([`uid=max,${former}`]);
      await says('max', {}, 'ended');
      expect(await settle(identityId)).toBe('confirmed');
      for (const group of ['staff', 'finance']) expect(await membersOf(group)).toEqual([]);
    });

    it('leaves no second name of an entry in its groups that was moved out of people and back', async () => {
      const identityId = await says('toto', { department: 'Finance' });
      expect(await settle(identityId)).toBe('confirmed');
      await admin.modifyDN(`uid=toto,${people}`, `uid=toto,${former}`);
      await says('toto', { department: 'Finance', title: 'Clerk' });
      expect(await settle(identityId)).toBe('confirmed');
      expect(await membersOf('finance')).toEqual([`uid=toto,${former}`]);
      await admin.modifyDN(`uid=toto,${former}`, `uid=toto,${people}`);
      await says('toto', { department: 'Finance', title: 'Boss' });
      expect(await settle(identityId)).toBe('confirmed');
      for (const group of ['staff', 'finance']) expect(await membersOf(group)).toEqual([`uid=toto,${people}`]);
      // It is removed, whatever the group was called when it was given.
      await admin.modifyDN(`uid=toto,${people}`, `uid=otto,${people}`);
      await says('toto', { department: 'Finance', title: 'Clerk' });
      expect(await settle(identityId)).toBe('confirmed');
      await admin.modifyDN(`uid=otto,${people}`, `uid=toto,${former}`);
      await says('toto', {}, 'ended');
      expect(await settle(identityId)).toBe('confirmed');
      for (const group of ['staff', 'finance']) expect(await membersOf(group)).toEqual([]);
    });

    it('closes an entry that was moved out of people where it lies, with a case, and takes it up again there', async () => {
      const identityId = await says('ann', { department: 'Finance' });
      expect(await settle(identityId)).toBe('confirmed');
      await admin.modifyDN(`uid=ann,${people}`, `uid=ann,${former}`);
      await says('ann', {}, 'ended');
      expect(await settle(identityId)).toBe('confirmed');
      expect(await valuesOf(`uid=ann,${former}`, 'employeeType')).toEqual(['disabled']);
      for (const group of ['staff', 'finance']) expect(await membersOf(group)).toEqual([]);
      expect(await openCases('account-moved', identityId)).toHaveLength(1);
      await says('ann', {});
      expect(await settle(identityId)).toBe('confirmed');
      expect(await dnsOf('ann')).toEqual([`uid=ann,${former}`]);
      expect(await membersOf('staff')).toEqual([`uid=ann,${former}`]);
      await admin.modifyDN(`uid=ann,${former}`, `uid=ann,${people}`);
      expect(await settle(identityId)).toBe('confirmed');
      expect(await openCases('account-moved', identityId)).toHaveLength(0);
    });

    it('takes access by a group that was renamed', async () => {
      const identityId = await says('solo', { department: 'Solo' });
      expect(await settle(identityId)).toBe('confirmed');
      await admin.modifyDN(`cn=Solo,${groups}`, 'cn=Solo EU');
      await says('solo', {});
      expect(await settle(identityId)).toBe('confirmed');
      expect(await membersOf('Solo EU')).toEqual([]);
    });

    it('gives and takes a group that the directory writes in another case', async () => {
      const identityId = await says('cased', { department: 'Finance' });
      expect(await settle(identityId)).toBe('confirmed');
      expect(await membersOf('finance')).toEqual([`uid=cased,${people}`]);
      await says('cased', {});
      expect(await settle(identityId)).toBe('confirmed');
      expect(await membersOf('finance')).toEqual([]);
    });

    it('gives nothing and takes nothing when policy only writes the name of a group in another case', async () => {
      const identityId = await says('recased', { department: 'Finance' });
      expect(await settle(identityId)).toBe('confirmed');
      const before = configured(server.url);
      const finance = { name: 'finance', title: 'Finance', target: 'directory', value: 'finance' };
      const changed = { ...before, policy: { ...before.policy, entitlements: { ...before.policy.entitlements, finance } } };
      const [usual, open] = [engine, directory];
      const taken: string[] = [];
      directory = {
        ...open,
        async removeMember(entitlement, ...call) {
          taken.push(entitlement);
          await open.removeMember(entitlement, ...call);
        },
      };
      engine = createEngine({ configuration: changed });
      await database.store.transaction(context(), (tx) => publishPolicy(tx, engine));
      await says('recased', { department: 'Finance', title: 'Clerk' });
      expect(await settle(identityId)).toBe('confirmed');
      expect(await membersOf('finance')).toEqual([`uid=recased,${people}`]);
      expect(taken).toEqual([]);
      await says('recased', { title: 'Clerk' });
      expect(await settle(identityId)).toBe('confirmed');
      expect(await membersOf('finance')).toEqual([]);
      [engine, directory] = [usual, open];
      await database.store.transaction(context(), (tx) => publishPolicy(tx, engine));
    });

    it('adopts an entry without replacing what it has', async () => {
      const living = { employeeNumber: '4711', labeledURI: 'https://corp.example/~boss', homePhone: '1', mail: 'boss@corp.example' };
      await admin.add(`uid=boss,${people}`, { objectClass: 'inetOrgPerson', uid: 'boss', cn: 'Boss', sn: 'Boss', ...living });
      const identityId = await says('boss', {});
      expect(await settle(identityId)).toBe('confirmed');
      expect(await valuesOf(`uid=boss,${people}`, 'labeledURI')).toEqual([living.labeledURI, `urn:uuid:${identityId} tenure`]);
      expect(await valuesOf(`uid=boss,${people}`, 'employeeNumber')).toEqual(['4711']);
      expect(await valuesOf(`uid=boss,${people}`, 'homePhone')).toEqual(['1']);
      await says('boss', {}, 'ended');
      expect(await settle(identityId)).toBe('confirmed');
    });

    it('makes an account without the value that somebody has, says so by its attribute, and writes it when it is free', async () => {
      const first = await says('first', { email: 'shared@corp.example' });
      expect(await settle(first)).toBe('confirmed');
      const second = await says('second', { email: 'shared@corp.example' });
      expect(await settle(second)).toBe('waiting');
      const secondDn = (await dnsOf('shared2'))[0] ?? '';
      expect(await valuesOf(secondDn, 'mail')).toEqual([]);
      expect(await membersOf('staff')).toContain(secondDn);
      const [open] = await openCases('operation-failed', second);
      expect(open?.evidence).toMatchObject({ attributes: ['mail'], message: expect.stringContaining('has to be unique there (result code 19)') });
      await says('first', { email: 'first@corp.example' });
      expect(await settle(first)).toBe('confirmed');
      expect(await settle(second)).toBe('confirmed');
      expect(await valuesOf(secondDn, 'mail')).toEqual(['shared@corp.example']);
      expect(await openCases('operation-failed', second)).toHaveLength(0);
    });

    it('goes on for everybody who is found while a referral lies below people', async () => {
      const [stays, leaves] = [await says('stays', {}), await says('leaves', {})];
      for (const each of [stays, leaves]) expect(await settle(each)).toBe('confirmed');
      const referral = `ou=elsewhere,${people}`;
      await admin.add(referral, { objectClass: ['referral', 'extensibleObject'], ou: 'elsewhere', ref: 'ldap://127.0.0.1:1/' }, manageDsaIt);
      await says('stays', { title: 'Clerk', department: 'Finance' });
      await says('leaves', {}, 'ended');
      for (const each of [stays, leaves]) expect(await settle(each)).toBe('confirmed');
      expect(await valuesOf(`uid=leaves,${people}`, 'employeeType')).toEqual(['disabled']);
      expect(await valuesOf(`uid=stays,${people}`, 'title')).toEqual(['Clerk']);
      // A person who is not found may be in the other directory: no second account, and one case for all of them.
      const hires = [await says('hire', {}), await says('hired', {})];
      for (const hire of hires) await settle(hire, 2);
      expect(await dnsOf('hire')).toEqual([]);
      expect(await openOfTarget('account-not-visible')).toMatchObject([{ identityId: null, evidence: { reason: 'referral', accounts: 2 } }]);
      await admin.del(referral, manageDsaIt);
      for (const hire of hires) expect(await settle(hire)).toBe('confirmed');
      expect(await openOfTarget('account-not-visible')).toEqual([]);
    });

    it('a group that is not there is one case, however many want it; once it is there all of them are put in', async () => {
      const people = [await says('ghost.one', { department: 'Ghost' }), await says('ghost.two', { department: 'Ghost' })];
      for (const one of people) expect(await settle(one)).toBe('waiting');
      expect(await openOfTarget('target-refuses-change')).toMatchObject([
        { evidence: { operation: 'addMember', name: 'Ghost', accounts: 2, message: expect.stringContaining('there is no group Ghost') } },
      ]);
      expect(await openOfTarget('operation-failed')).toEqual([]);
      await admin.add(`cn=ghost,${groups}`, { objectClass: 'groupOfNames', cn: 'ghost', member: bindDn });
      clock += 60_000;
      await database.store.transaction(context(), (tx) => tx.sharedRefusals.recallOneOfEach(tx.context.now, 10));
      for (const one of people) expect(await settle(one)).toBe('confirmed');
      expect(await membersOf('ghost')).toHaveLength(2);
      expect(await openOfTarget('target-refuses-change')).toEqual([]);
    });

    it('makes no second entry of a name that lies elsewhere', async () => {
      await admin.add(`uid=twin,${former}`, { objectClass: 'inetOrgPerson', uid: 'twin', cn: 'Twin', sn: 'Twin' });
      const twin = await says('twin', {});
      expect(await settle(twin)).toBe('waiting');
      expect(await dnsOf('twin')).toEqual([`uid=twin,${former}`]);
      expect(await openCases('account-conflict', twin)).toHaveLength(1);
    });
  });
}
