import { Client } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { install } from '../installation.ts';
import { type Company, startCompany } from '../lives/company.ts';
import { loginFiles } from '../login/login-files.ts';
import { createSamlProvider } from '../login/saml-provider.ts';
import { timeLogins } from '../login/time-logins.ts';
import { figure, type Row } from '../row.ts';
import type { Servers } from '../servers.ts';
import { join } from 'node:path';

const people = 300;
const nights = 6;
const logins = 300;

/** Number of these events for a person in a year: about a sixth of a staff is new, and a sixth leaves. */
const inAYear = { 'hired, with three accounts': 1 / 6, 'a night in which the feed says nothing new': 365, 'left, with three accounts': 1 / 6, 'a login': 250 };
type Happening = keyof typeof inAYear;

/** Bytes of the rows of each table, with their share of the indexes: stored data only, without free pages. */
type Sizes = ReadonlyMap<string, number>;

/**
 * Measures the growth of the database in bytes per person and year, by table: each kind of event is simulated, and the added bytes are
 * multiplied by its number per year.
 */
export async function runStorage(servers: Servers): Promise<readonly Row[]> {
  const grown = new Map<Happening, Sizes>();
  const company = await startCompany(servers, 3);
  const everyone = Array.from({ length: people }, (_, number) => 900_000 + number);
  try {
    const noted = async (what: Happening, times: number, play: () => Promise<unknown>): Promise<void> => {
      const before = await sizesOf(company.databaseUrl);
      await play();
      grown.set(what, difference(await sizesOf(company.databaseUrl), before, times));
    };
    await noted('hired, with three accounts', people, async () => settle(company, await company.record(everyone, 1, 'ACTIVE'), 'enabled'));
    await noted('a night in which the feed says nothing new', people * nights, async () => {
      for (let night = 0; night < nights; night += 1) await company.record(everyone, 2 + night, 'ACTIVE');
    });
    await noted('left, with three accounts', people, async () => settle(company, await company.record(everyone, 100, 'ENDED'), 'disabled'));
  } finally {
    await company.stop();
  }
  grown.set('a login', await loginSizes(servers));
  const tables = [...new Set([...grown.values()].flatMap((sizes) => [...sizes.keys()]))].sort();
  const yearly = tables.map((table) => [table, sum([...grown].map(([what, sizes]) => (sizes.get(table) ?? 0) * inAYear[what]))] as const);
  const counted = yearly.filter(([, bytes]) => Math.round(bytes) > 0).toSorted(([, a], [, b]) => b - a);
  return [
    ...[...grown].map(([what, sizes]) => figure(`database, ${what}`, 'B/person', sum([...sizes.values()]), { n: people })),
    figure('database, a person and year', 'B', sum(yearly.map(([, bytes]) => bytes)), { n: people }),
    ...counted.map(([table, bytes]) => figure(`database, a person and year: ${table}`, 'B', bytes, { n: people })),
  ];
}

async function settle(company: Company, ids: readonly string[], state: 'enabled' | 'disabled'): Promise<void> {
  for (const id of ids) await company.settled(id, state);
  // Until the batch run is finished, and its members are deleted.
  await pause(2000);
}

async function loginSizes(servers: Servers): Promise<Sizes> {
  const metadataFile = join(servers.directory, 'storage-metadata.xml');
  const saml = await createSamlProvider(metadataFile);
  const tenure = await install(servers, loginFiles(metadataFile, 'http://127.0.0.1:9'));
  try {
    const api = await tenure.startApi();
    const prepare = (person: number, at: string) => saml.prepare(at, tenure.url, person);
    const known = Array.from({ length: 50 }, (_, number) => 950_000 + number);
    await timeLogins(known, 4, [api.url], prepare);
    const before = await sizesOf(tenure.databaseUrl);
    const again = Array.from({ length: logins }, (_, number) => known[number % known.length] ?? 0);
    await timeLogins(again, 1, [api.url], prepare);
    const after = await sizesOf(tenure.databaseUrl);
    // Rows that are deleted after a week count for a week of the year; no worker runs here that would empty the outbox.
    const kept = [...difference(after, before, logins)].filter(([table]) => table !== 'outbox' && table !== 'audit_lane');
    return new Map(kept.map(([table, bytes]) => [table, passing.includes(table) ? (bytes * 7) / 365 : bytes]));
  } finally {
    await tenure.stop();
  }
}

/** Tables whose rows are deleted a week after their end. */
const passing = ['credential', 'session', 'consumed_assertion', 'login_request'];

async function sizesOf(databaseUrl: string): Promise<Sizes> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const sizes = new Map<string, number>();
    for (const { name } of tables) {
      // A row has a header of 24 bytes and a pointer of 4; an index entry has 16 bytes and its values, in pages that are two thirds full.
      const { rows } = await client.query<{ bytes: string }>(
        `select coalesce(sum(28 + pg_column_size(t.*)), 0) + count(*) * 40 * (select count(*) from pg_index where indrelid = $1::regclass) as bytes from "${name}" t`,
        [`"${name}"`],
      );
      sizes.set(name, Number(rows[0]?.bytes ?? 0));
    }
    return sizes;
  } finally {
    await client.end();
  }
}

function difference(after: Sizes, before: Sizes, times: number): Sizes {
  return new Map([...after].map(([table, bytes]) => [table, (bytes - (before.get(table) ?? 0)) / times]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
