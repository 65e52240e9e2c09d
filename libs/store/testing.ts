import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { migrate, openStore, type Store, type StoreSettings, type Transaction } from './open-store.ts';
import type { StoredOperation } from './access/stored-operation.ts';
import { createVault, type Vault } from './audit/vault.ts';

/** A database for one test, in the PostgreSQL server that the test run started. */
export interface TestDatabase {
  readonly url: string;
  readonly store: Store;
  readonly vault: Vault;
  /** Keys of the store in the form of environment variables, for processes that share the audit with `store`. */
  readonly keys: { readonly TENURE_MASTER_KEY: string; readonly TENURE_AUDIT_KEY: string };
  drop(): Promise<void>;
  /** Runs a statement as the owner, bypassing Tenure: to inspect the database, and to play an attacker. */
  execute(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

export interface TestDatabaseSettings extends Pick<StoreSettings, 'traceparent' | 'poolSize' | 'patience'> {
  /** URL of a PostgreSQL server that the test has started itself, instead of the one of the test run. */
  readonly server?: string;
}

/** Creates a database. @throws when no PostgreSQL server runs: integration tests fail instead of passing without it */
export async function createTestDatabase({ server: own, ...settings }: TestDatabaseSettings = {}): Promise<TestDatabase> {
  const server = own ?? process.env['TENURE_TEST_DATABASE_URL'];
  const template = own === undefined ? process.env['TENURE_TEST_TEMPLATE'] : undefined;
  if (!server) throw new Error('TENURE_TEST_DATABASE_URL is not set: run the tests through npm test, which starts PostgreSQL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const admin = await MikroORM.init({ entities: [], clientUrl: server, discovery: { warnWhenNoEntities: false }, pool: { max: 1 } });
  await admin.em.fork().execute(`create database ${name}${template ? ` template ${template}` : ''}`);
  if (!template) await migrate(url.href);
  const [master, audit] = [randomBytes(32), randomBytes(32)];
  const vault = createVault({ master, audit });
  const store = await openStore({ poolSize: 5, ...settings, url: url.href, vault });
  const owner = await MikroORM.init({ entities: [], clientUrl: url.href, discovery: { warnWhenNoEntities: false }, pool: { max: 1 } });
  return {
    url: url.href,
    store,
    vault,
    keys: { TENURE_MASTER_KEY: master.toString('base64'), TENURE_AUDIT_KEY: audit.toString('base64') },
    execute: (sql, parameters = []) => owner.em.fork().execute(sql, [...parameters]),
    async drop() {
      await store.close();
      await owner.close(true);
      await admin.em.fork().execute(`drop database ${name} with (force)`);
      await admin.close(true);
    },
  };
}

/**
 * Creates the migrated database that those of the tests are copied from, once for a test run: copying takes a tenth of the time.
 * @returns its name, and `drop`, which removes it
 */
export async function createTemplate(server: string): Promise<{ readonly name: string; drop(): Promise<void> }> {
  const name = `test_template_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await asOwner(server, `create database ${name}`);
  await migrate(url.href);
  return { name, drop: () => asOwner(server, `drop database ${name} with (force)`) };
}

async function asOwner(server: string, sql: string): Promise<void> {
  const admin = await MikroORM.init({ entities: [], clientUrl: server, discovery: { warnWhenNoEntities: false }, pool: { max: 1 } });
  await admin.em
    .fork()
    .execute(sql)
    .finally(() => admin.close(true));
}

/** Operations of an account that wait or have failed, the oldest first. */
export async function openOperationsOf(tx: Transaction, accountId: string): Promise<readonly StoredOperation[]> {
  const people = await tx.people.read(await tx.access.ownersOf([accountId]));
  return people.flatMap(({ operations }) => operations.filter((one) => one.accountId === accountId && (one.status === 'pending' || one.status === 'failed')));
}
