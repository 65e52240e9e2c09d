import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindDn, groups, people, slapdPath, startDirectory } from '@tenure/testing/targets/directory.ts';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import { Attribute, Change, type Client } from 'ldapts';
import type { Sample } from '../row.ts';
import { oneIn } from './load-accounts.ts';

/** OpenLDAP with entries of people, in two groups. */
export interface LdapTarget {
  readonly url: string;
  readonly password: string;
  /** Reads all entries and groups with their members as a plain client does, by paged results, and does nothing with them. */
  read(): Promise<Sample>;
  /** The directory's ids of the entries, by user name. */
  ids(): Promise<ReadonlyMap<string, string>>;
  stop(): Promise<void>;
}

const password = 'bench-password';
/** Operations on their way at a time while it is filled. */
const atATime = 64;

/** Settings of the LDAP target, as lines of tenure.yaml. */
export const ldapTarget = (name: string, url: string, ratePerSecond: number): string => `
  ${name}:
    title: ${name}
    kind: ldap
    url: ${url}
    bindDn: ${bindDn}
    password: \${env:LDAP_PASSWORD}
    tls: none
    people: ["${people}"]
    groups: ${groups}
    idAttribute: uid
    externalIdAttribute: employeeNumber
    disable: { attribute: employeeType, disabled: disabled, enabled: enabled }
    timeout: PT30S
    ratePerSecond: ${ratePerSecond}
    attributes: { cn: identity.displayName, sn: identity.displayName }`;

/** @returns `null`: slapd is not installed */
export async function startLdapTarget(count: number): Promise<LdapTarget | null> {
  if (slapdPath() === null) return null;
  const directory = await mkdtemp(join(tmpdir(), 'tenure-bench-slapd-'));
  const server = await startDirectory({
    directory,
    port: await choosePort({ purpose: 'a directory' }),
    password,
    database: ['maxsize 4294967296', 'limits * size=unlimited'],
  });
  const client = await server.open();
  await fill(client, count);
  return {
    url: server.url,
    password,
    async read() {
      const times: number[] = [];
      const begun = performance.now();
      for (const [base, attributes] of [
        [people, ['entryUUID', 'uid', 'cn', 'sn', 'employeeNumber', 'employeeType']],
        [groups, ['cn', 'member']],
      ] as const)
        for await (const { searchEntries } of client.searchPaginated(base, { attributes: [...attributes], paged: { pageSize: base === groups ? 1 : 500 } }))
          if (base === people) for (const _ of searchEntries) times.push(0);
      return { times, elapsed: performance.now() - begun };
    },
    async ids() {
      const found = new Map<string, string>();
      for await (const { searchEntries } of client.searchPaginated(people, { scope: 'one', attributes: ['entryUUID', 'uid'], paged: { pageSize: 1000 } }))
        for (const { uid, entryUUID } of searchEntries) found.set(String(uid), String(entryUUID));
      return found;
    },
    async stop() {
      await client.unbind();
      await server.stop();
    },
  };
}

async function fill(client: Client, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
    .filter((n) => n % oneIn !== 1)
    .values();
  const dnOf = (n: number): string => `uid=user${n},${people}`;
  const add = async (): Promise<void> => {
    for (const n of numbers) {
      const cn = n % oneIn === 2 ? 'Somebody else' : `Person ${n}`;
      const employeeNumber = `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
      await client.add(dnOf(n), { objectClass: 'inetOrgPerson', uid: `user${n}`, cn, sn: cn, employeeNumber, employeeType: 'enabled' });
    }
  };
  await Promise.all(Array.from({ length: atATime }, add));
  const all = Array.from({ length: count }, (_, index) => index + 1).filter((n) => n % oneIn !== 1);
  for (const [group, members] of [
    ['staff', all],
    ['finance', all.filter((n) => n % 2 === 0)],
  ] as const)
    for (let from = 0; from < members.length; from += 5000) {
      const values = members.slice(from, from + 5000).map(dnOf);
      await client.modify(`cn=${group},${groups}`, new Change({ operation: 'add', modification: new Attribute({ type: 'member', values }) }));
    }
}
