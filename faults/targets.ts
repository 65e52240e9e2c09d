import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { openLink, type FlakyLink } from '../libs/connectors/flaky-link.ts';
import { type Fault, type FaultyProxy, slapdPath, startDirectory, startFaultyProxy, startScimServer, startSqlApplication } from '../demo/targets/index.ts';
import { choosePort } from '../tools/embedded/ports.ts';
import type { TargetName } from './configuration.ts';
import { groupsOfCrm } from './configuration.ts';
import type { Random } from './random.ts';

/** An account as it really is in a target. */
export interface AccountThere {
  readonly userName: string;
  readonly externalId: string;
  readonly enabled: boolean;
  /** Sorted. */
  readonly groups: readonly string[];
}

/** Applications that work, behind links that do not. */
export interface Targets {
  readonly names: readonly TargetName[];
  /** What tenure.yaml refers to. */
  readonly environment: Readonly<Record<string, string>>;
  /** From now on something goes wrong at random, at every target. */
  misbehave(): void;
  behave(): Promise<void>;
  /** Nobody can reach the CRM, until told otherwise; `seen` of the proxy tells in which order it was asked afterwards. */
  readonly crm: FaultyProxy;
  /** How often each fault was played. */
  readonly played: ReadonlyMap<string, number>;
  /** Every account in a target, looked up past Tenure. */
  accounts(target: TargetName): Promise<readonly AccountThere[]>;
  stop(): Promise<void>;
}

/** @param databaseUrl of a PostgreSQL that is not Tenure's, for the ledger */
export async function startTargets(random: Random, directory: string, databaseUrl: string): Promise<Targets> {
  const stops: (() => Promise<void>)[] = [];
  const played = new Map<string, number>();
  const count = (what: string): void => void played.set(what, (played.get(what) ?? 0) + 1);
  const [crm, ledger, ldap] = [await startCrm(stops), await startLedger(stops, databaseUrl), await startLdap(stops, directory)];
  const links: readonly [string, FlakyLink][] = [['ledger', ledger.link], ...(ldap === null ? [] : [['directory', ldap.link] as [string, FlakyLink]])];
  let weather: readonly (() => Promise<void>)[] = [];
  return {
    names: ldap === null ? ['crm', 'ledger'] : ['crm', 'ledger', 'directory'],
    environment: { ...crm.environment, ...ledger.environment, ...ldap?.environment },
    crm: crm.proxy,
    played,
    misbehave() {
      const draw = random.stream('crm');
      crm.proxy.playFrom(() => {
        if (!draw.happens(0.2)) return null;
        const fault = draw.pick(faults);
        count(`crm ${fault.kind === 'status' ? fault.status : fault.kind}`);
        return fault;
      });
      weather = links.map(([name, link]) => playWeather(random.stream(name), link, (what) => count(`${name} ${what}`)));
    },
    async behave() {
      crm.proxy.behave();
      await Promise.all(weather.map((stop) => stop()));
      weather = [];
    },
    accounts: async (target) => (target === 'crm' ? crm : target === 'ledger' || ldap === null ? ledger : ldap).accounts(),
    async stop() {
      await Promise.all(weather.map((stop) => stop()));
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}

/** Everything that passes when one asks again. */
const faults: readonly Fault[] = [
  { kind: 'status', status: 500, body: '{"oops":' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'html' },
  { kind: 'half-body' },
  { kind: 'silence' },
  { kind: 'dropped' },
  { kind: 'answer-lost' },
  { kind: 'answer-lost' },
];

/** Lets a TCP link fail again and again for part of a second. @returns stops it, with the link open */
function playWeather(random: Random, link: FlakyLink, tell: (what: string) => void): () => Promise<void> {
  let isOver = false;
  let wakeUp = (): void => undefined;
  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const play = async (): Promise<void> => {
    while (!isOver) {
      await wait(random.whole(500, 2500));
      if (isOver) return;
      const kind = random.pick(['silent', 'answer-lost', 'dropped', 'down'] as const);
      tell(kind);
      if (kind === 'dropped') link.drop();
      else if (kind === 'down') await link.down();
      else link.set(kind);
      await wait(random.whole(200, 1500));
      if (kind === 'down') await link.up();
      link.set('open');
      // What had been taken in silence would never be answered.
      if (kind === 'silent') link.drop();
    }
  };
  const playing = play();
  return async () => {
    isOver = true;
    wakeUp();
    await playing;
  };
}

interface Started {
  readonly environment: Readonly<Record<string, string>>;
  accounts(): Promise<readonly AccountThere[]>;
}

async function startCrm(stops: (() => Promise<void>)[]): Promise<Started & { readonly proxy: FaultyProxy }> {
  const token = randomBytes(16).toString('hex');
  const server = await startScimServer({ port: 0, token, groups: groupsOfCrm });
  const proxy = await startFaultyProxy(server.url);
  stops.push(
    () => server.stop(),
    () => proxy.stop(),
  );
  return {
    environment: { FAULTS_CRM_URL: proxy.url, FAULTS_CRM_TOKEN: token },
    proxy,
    async accounts() {
      const found: AccountThere[] = [];
      for (;;) {
        const response = await fetch(`${server.url}/Users?startIndex=${found.length + 1}&count=100`, { headers: { authorization: `Bearer ${token}` } });
        const { Resources = [], totalResults } = (await response.json()) as ScimPage;
        for (const { userName, externalId = '', active, groups = [] } of Resources)
          found.push({ userName, externalId, enabled: active, groups: groups.map(({ display }) => display).sort() });
        if (Resources.length === 0 || found.length >= totalResults) return found;
      }
    },
  };
}
interface ScimPage {
  readonly totalResults: number;
  readonly Resources?: readonly { userName: string; externalId?: string; active: boolean; groups?: readonly { display: string }[] }[];
}

async function startLedger(stops: (() => Promise<void>)[], databaseUrl: string): Promise<Started & { readonly link: FlakyLink }> {
  const url = new URL(databaseUrl);
  const server = url.href;
  const name = `ledger_${randomBytes(6).toString('hex')}`;
  url.pathname = `/${name}`;
  const application = await startSqlApplication({ url: url.href });
  const link = await openLink({ host: url.hostname, port: Number(url.port) });
  const through = new URL(url);
  through.port = String(link.port);
  const pool = new Pool({ connectionString: url.href, max: 1 });
  stops.push(
    () => dropDatabase(server, name),
    () => application.stop(),
    () => pool.end(),
    () => link.down(),
  );
  return {
    environment: { FAULTS_LEDGER_URL: through.href },
    link,
    async accounts() {
      const { rows } = await pool.query<{ login: string; external_id: string; active: boolean; roles: string[] }>(
        `select login, external_id, active, (select coalesce(array_agg(role order by role), array[]::text[]) from account_roles where account_id = id) as roles from accounts`,
      );
      return rows.map(({ login, external_id, active, roles }) => ({ userName: login, externalId: external_id, enabled: active, groups: roles }));
    },
  };
}

async function dropDatabase(server: string, name: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`drop database ${name} with (force)`);
  await client.end();
}

async function startLdap(stops: (() => Promise<void>)[], home: string): Promise<(Started & { readonly link: FlakyLink }) | null> {
  if (slapdPath() === null) return null;
  const password = randomBytes(16).toString('hex');
  const directory = join(home, 'directory');
  await mkdir(directory, { recursive: true });
  const port = await choosePort({ purpose: 'the directory' });
  const slapd = await startDirectory({ directory, port, password });
  const link = await openLink({ host: '127.0.0.1', port });
  stops.push(
    () => slapd.stop(),
    () => link.down(),
  );
  return {
    environment: { FAULTS_LDAP_URL: `ldap://127.0.0.1:${link.port}`, FAULTS_LDAP_PASSWORD: password },
    link,
    async accounts() {
      const client = await slapd.open();
      try {
        const options = { scope: 'one', sizeLimit: 0 } as const;
        const people = await client.search('ou=people,dc=tenure,dc=example', { ...options, attributes: ['uid', 'employeeNumber', 'employeeType'] });
        const groups = await client.search('ou=groups,dc=tenure,dc=example', { ...options, attributes: ['cn', 'member'] });
        return people.searchEntries.map((entry) => ({
          userName: String(entry['uid']),
          externalId: String(entry['employeeNumber']),
          enabled: entry['employeeType'] !== 'disabled',
          groups: groups.searchEntries
            .filter(({ member }) => [member].flat().map(String).includes(entry.dn))
            .map(({ cn }) => String(cn))
            .sort(),
        }));
      } finally {
        await client.unbind();
      }
    },
  };
}
