import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Attribute, Change, NoSuchObjectError } from 'ldapts';
import {
  directoryBindDn,
  directoryGroups,
  directoryPeople,
  directorySuffix,
  manageDsaIt,
  type RunningDirectory,
  slapdPath,
  startDirectory,
} from '@tenure/testing/targets/index.ts';
import { openLink, type FlakyLink } from '../../libs/connectors/flaky-link.ts';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import type { AccountThere } from './account-there.ts';
import type { Hands } from './hands.ts';

/** A directory, behind a link that fails, with an administrator who changes it by hand. */
export interface CompanyDirectory {
  readonly environment: Readonly<Record<string, string>>;
  readonly link: FlakyLink;
  /** All entries of people, wherever they lie. */
  accounts(): Promise<readonly AccountThere[]>;
  /** User names of the entries that Tenure removed. */
  removed(): Promise<readonly string[]>;
  /** Members of groups whose entry is nowhere. */
  dangling(): Promise<readonly string[]>;
  readonly hands: Hands;
  /** Moves an entry out of the branch in which accounts are looked for. @param id its entryUUID */
  move(id: string): Promise<void>;
  /** Gives a group another name, and its name to a new group. */
  rename(name: string): Promise<void>;
  /** Makes another directory, which is never there, contain a part of the branch of people, or no longer so. */
  refer(isReferred: boolean): Promise<void>;
}

const former = `ou=former,${directorySuffix}`;
const referral = `ou=elsewhere,${directoryPeople}`;
/** Tenure's own entry. The administrator's rights would not be limited by access rules. */
const bindDn = `cn=tenure,${directorySuffix}`;

/** Entries whose class Tenure may not see have a mark: a listing by class leaves them out, and a search for one of them by name or id finds it. */
const unlisted = { type: 'businessCategory', values: ['unlisted'] };
const accessRules = [
  `access to filter=(${unlisted.type}=${unlisted.values[0]}) attrs=objectClass by dn.exact="${bindDn}" none`,
  'access to attrs=userPassword by anonymous auth',
  `access to * by dn.exact="${bindDn}" write`,
  `limits dn.exact="${bindDn}" size=unlimited`,
];

/** @returns `null` where OpenLDAP is not installed */
export async function startCompanyDirectory(stops: (() => Promise<void>)[], home: string): Promise<CompanyDirectory | null> {
  if (slapdPath() === null) return null;
  const password = randomBytes(16).toString('hex');
  const directory = join(home, 'directory');
  await mkdir(directory, { recursive: true });
  const port = await choosePort({ purpose: 'the directory' });
  const log = join(directory, 'changes.ldif');
  const slapd = await startDirectory({ directory, port, password, modules: ['auditlog'], database: [...accessRules, 'overlay auditlog', `auditlog "${log}"`] });
  const link = await openLink({ host: '127.0.0.1', port });
  stops.push(
    () => slapd.stop(),
    () => link.down(),
  );
  const as = administrator(slapd);
  await as((client) => client.add(former, { objectClass: 'organizationalUnit', ou: 'former' }));
  await as((client) => client.add(bindDn, { objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: 'tenure', userPassword: password }));
  /** Names of groups as they were known when they were made, by id. */
  const firstNames = new Map((await as(groupsIn)).map(({ id, name }) => [id, name]));
  const withEntry = (userName: string, work: (client: Client, dn: string) => Promise<unknown>): Promise<boolean> =>
    as(async (client) => {
      const entry = (await peopleIn(client)).find(({ uid }) => uid === userName);
      if (entry !== undefined) await work(client, entry.dn);
      return entry !== undefined;
    });
  const setMember = async (client: Client, dn: string, name: string | null, isMember: boolean): Promise<void> => {
    for (const group of await groupsIn(client)) {
      const isIn = group.members.includes(dn);
      const groupDn = `cn=${group.name},${directoryGroups}`;
      const modification = new Attribute({ type: 'member', values: [dn] });
      if (isMember && group.name === name && !isIn) await client.modify(groupDn, new Change({ operation: 'add', modification }));
      const isMeant = name === null || (firstNames.get(group.id) ?? group.name) === name;
      if (!isMember && isMeant && isIn) await client.modify(groupDn, new Change({ operation: 'delete', modification }));
    }
  };
  const hands: Hands = {
    create: (userName, group) =>
      as(async (client) => {
        const dn = `uid=${userName},${directoryPeople}`;
        await client.add(dn, { objectClass: 'inetOrgPerson', uid: userName, cn: userName, sn: userName, employeeType: 'enabled' });
        await setMember(client, dn, group, true);
      }),
    setEnabled: (userName, enabled) =>
      withEntry(userName, (client, dn) => {
        const modification = new Attribute({ type: 'employeeType', values: [enabled ? 'enabled' : 'disabled'] });
        return client.modify(dn, new Change({ operation: 'replace', modification }));
      }),
    setMember: (userName, group, isMember) => withEntry(userName, (client, dn) => setMember(client, dn, group, isMember)),
    remove: (userName) =>
      withEntry(userName, async (client, dn) => {
        await setMember(client, dn, null, false);
        await client.del(dn);
      }),
    lies: ['leaves-out'],
    tell: (lie) =>
      as(async (client) => {
        for (const { dn, uid, businessCategory } of await peopleIn(client)) {
          const isLeftOut = lie?.kind === 'leaves-out' && lie.isLeftOut(String(uid));
          if (isLeftOut === (String(businessCategory) === unlisted.values[0])) continue;
          const change = new Change({ operation: 'replace', modification: new Attribute({ ...unlisted, values: isLeftOut ? unlisted.values : [] }) });
          // Tenure may have deleted it since.
          await client.modify(dn, change).catch((error: unknown) => {
            if (!(error instanceof NoSuchObjectError)) throw error;
          });
        }
      }),
  };
  return {
    hands,
    environment: { FAULTS_LDAP_URL: `ldap://127.0.0.1:${link.port}`, FAULTS_LDAP_PASSWORD: password },
    link,
    accounts: () =>
      as(async (client) => {
        const groups = await groupsIn(client);
        return (await peopleIn(client)).map((entry) => ({
          userName: String(entry['uid']),
          externalId: String(entry['employeeNumber']),
          enabled: entry['employeeType'] !== 'disabled',
          groups: groups
            .filter(({ members }) => members.includes(entry.dn))
            .map(({ id, name }) => firstNames.get(id) ?? name)
            .sort(),
          isElsewhere: !entry.dn.endsWith(`,${directoryPeople}`),
        }));
      }),
    async removed() {
      // The overlay notes each change with whoever made it: `# delete 1764540000 dc=tenure,dc=example cn=tenure,dc=tenure,dc=example …`
      const changes = await readFile(log, 'utf8');
      return [...changes.matchAll(/^# delete \d+ \S+ (\S+).*\ndn: uid=([^,]+),/gm)].flatMap(([, by, uid = '']) => (by === bindDn ? [uid] : []));
    },
    dangling: () =>
      as(async (client) => {
        const dns = new Set([directoryBindDn, ...(await peopleIn(client)).map(({ dn }) => dn)]);
        return (await groupsIn(client)).flatMap(({ name, members }) => members.filter((dn) => !dns.has(dn)).map((dn) => `${name} contains ${dn}`));
      }),
    move: (id) =>
      as(async (client) => {
        const { searchEntries } = await client.search(directorySuffix, { filter: `(entryUUID=${id})`, attributes: ['uid'] });
        const [entry] = searchEntries;
        if (entry === undefined) throw new Error(`the directory has no entry ${id}`);
        await client.modifyDN(entry.dn, `uid=${String(entry['uid'])},${former}`);
      }),
    rename: (name) =>
      as(async (client) => {
        await client.modifyDN(`cn=${name},${directoryGroups}`, `cn=${name}-eu`);
        await client.add(`cn=${name},${directoryGroups}`, { objectClass: 'groupOfNames', cn: name, member: directoryBindDn });
        for (const group of await groupsIn(client)) if (group.name === name) firstNames.set(group.id, name);
      }),
    refer: (isReferred) =>
      as(async (client) => {
        const entry = { objectClass: ['referral', 'extensibleObject'], ou: 'elsewhere', ref: `ldap://127.0.0.1:1/${referral}` };
        await (isReferred ? client.add(referral, entry, manageDsaIt) : client.del(referral, manageDsaIt));
      }),
  };
}

type Client = Awaited<ReturnType<RunningDirectory['open']>>;

function administrator(slapd: RunningDirectory): <T>(work: (client: Client) => Promise<T>) => Promise<T> {
  return async (work) => {
    const client = await slapd.open();
    try {
      return await work(client);
    } finally {
      await client.unbind();
    }
  };
}

async function peopleIn(client: Client) {
  const attributes = ['uid', 'employeeNumber', 'employeeType', unlisted.type];
  return (await client.search(directorySuffix, { filter: '(objectClass=inetOrgPerson)', attributes, sizeLimit: 0 }, manageDsaIt)).searchEntries;
}

async function groupsIn(client: Client): Promise<readonly { readonly id: string; readonly name: string; readonly members: readonly string[] }[]> {
  const attributes = ['cn', 'member', 'entryUUID'];
  const { searchEntries } = await client.search(directorySuffix, { filter: '(objectClass=groupOfNames)', attributes }, manageDsaIt);
  return searchEntries.map((entry) => ({ id: String(entry['entryUUID']), name: String(entry['cn']), members: [entry['member'] ?? []].flat().map(String) }));
}
