import { createEngine, type Engine } from '@tenure/engine/decide';
import type { Configuration } from '@tenure/config';
import { type Claims, LoginRefused } from '@tenure/domain';
import type { ActContext } from '@tenure/store';
import type { TestDatabase } from '@tenure/store/testing';
import { completeLogin, type ProvenLogin } from '@tenure/engine/login';
import type { TestApi } from './api.ts';

/** Outcome of a login: accepted after a decision, accepted without one, or refused for this reason. */
export type Came = 'decided' | 'repeated' | LoginRefused['reason'];

/** Logs in as the API does, and returns whether anything was decided for it. */
export function loginsOf(api: TestApi): {
  logIn(provider: string, subject: string, claims: Claims, more?: Partial<ProvenLogin>, configuration?: Configuration): Promise<Came>;
  context(): ActContext;
} {
  let decided = 0;
  const nothing = (): void => undefined;
  const meter = { timerFired: nothing, operation: nothing, endConfirmed: nothing, decided: () => void (decided += 1) };
  const engines = new Map<Configuration, Engine>();
  const engineOf = (configuration: Configuration): Engine => {
    const engine = engines.get(configuration) ?? createEngine({ configuration, meter });
    engines.set(configuration, engine);
    return engine;
  };
  const context = (): ActContext => ({ actor: { kind: 'source', id: 'test' }, correlationId: 'login', now: api.now });
  return {
    context,
    async logIn(name, subject, claims, more = {}, configuration = api.configuration) {
      const provider = configuration.identityProviders[name];
      if (provider === undefined) throw new Error(`there is no provider ${name}`);
      const before = decided;
      const login: ProvenLogin = { provider, issuer: `https://${name}.example`, subject, nameIdFormat: null, claims, request: null, assertion: null, ...more };
      try {
        await completeLogin({ store: api.store, engine: engineOf(configuration) }, login, context());
        return decided === before ? 'repeated' : 'decided';
      } catch (error) {
        if (error instanceof LoginRefused) return error.reason;
        throw error;
      }
    },
  };
}

type Row = Readonly<Record<string, unknown>>;
export type Rows = Readonly<Record<string, readonly Row[]>>;

/** Every table with rows that a login may write, and which of them are one person's. */
const tables: Readonly<Record<string, string>> = {
  identity: 'id = $id',
  source_record: 'identity_id = $id',
  login_subject: 'identity_id = $id',
  login_confirmation: 'identity_id = $id',
  access_grant: 'identity_id = $id',
  account: 'identity_id = $id',
  operation: 'identity_id = $id',
  request_item: 'identity_id = $id',
  separation_exception: 'identity_id = $id',
  hold: 'identity_id = $id',
  sponsorship: 'identity_id = $id',
  case_file: 'identity_id = $id',
  outbox: 'identity_id = $id',
  notice: "about->>'identityId' = $id::text",
  session: 'id in (select id from credential where identity_id = $id)',
  credential: 'identity_id = $id',
};

/** All of a person's rows; of the audit those that are not among `known`. */
export async function rowsOf(database: TestDatabase, identityId: string): Promise<Rows> {
  const columns = Object.entries({ ...tables, audit_event: 'identity_id = $id' }).map(
    ([table, where]) =>
      `'${table}', (select coalesce(json_agg(x order by x::text), '[]') from ${table} x where ${where.replaceAll('$id', `'${identityId}'::uuid`)})`,
  );
  const [row] = await database.execute(`select json_build_object(${columns.join(', ')}) as rows`);
  return row?.['rows'] as Rows;
}

/** Puts a person's rows back as they were, past all triggers. The audit goes on. */
export async function putBack(database: TestDatabase, identityId: string, rows: Rows): Promise<void> {
  // One connection of the owner's, for as long as the test runs.
  await database.execute('set session_replication_role = replica');
  for (const [table, where] of Object.entries(tables)) await database.execute(`delete from ${table} where ${where.replaceAll('$id', `'${identityId}'::uuid`)}`);
  for (const table of Object.keys(tables)) {
    const stored = `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as names from information_schema.columns
      where table_schema = 'public' and table_name = ? and is_generated = 'NEVER'`;
    const [columns] = await database.execute(stored, [table]);
    const names = String(columns?.['names']);
    await database.execute(`insert into ${table} (${names}) overriding system value select ${names} from json_populate_recordset(null::${table}, ?::json)`, [
      JSON.stringify(rows[table]),
    ]);
  }
  await database.execute('set session_replication_role = origin');
}

/** Columns that differ each time: random ids, secrets, the order in the outbox, and the id of the last decision. */
const always: Readonly<Record<string, readonly string[]>> = {
  audit_event: ['id', 'lane', 'sequence', 'hash', 'previous_hash', 'personal', 'position'],
  credential: ['id', 'token_hash', 'parent_id'],
  session: ['id'],
  outbox: ['id'],
  notice: ['id'],
  access_grant: ['id'],
  operation: ['id', 'account_id'],
  account: ['id'],
  case_file: ['id'],
};

/** Rows that a test may compare: of the audit those that were not there before. */
export function comparable(rows: Rows, before: Rows): Readonly<Record<string, readonly string[]>> {
  const known = new Set(before['audit_event']?.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(rows).map(([table, some]) => {
      const counted = table === 'audit_event' ? some.filter(({ id }) => !known.has(id)) : some;
      return [table, counted.map((row) => JSON.stringify(plain(table, row))).toSorted()];
    }),
  );
}

function plain(table: string, row: Row): Row {
  const left = Object.fromEntries(Object.entries(row).filter(([column]) => always[table]?.includes(column) !== true));
  if (table === 'audit_event' && row['subject_kind'] === 'session') return { ...left, subject_id: '' };
  // The versions of rows that were put back are others, and the login that was decided names its own instant.
  if (table !== 'login_subject' || row['settled'] === null) return left;
  const { claims, configuration, revision } = row['settled'] as Row;
  return { ...left, settled: { claims, configuration, revision } };
}
