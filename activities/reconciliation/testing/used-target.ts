import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetSettings } from '@tenure/config';
import { createConnector } from '@tenure/connectors';
import { bindDn, groups, people, slapdPath, startDirectory } from '@tenure/testing/targets/directory.ts';
import { startFaultyProxy } from '@tenure/testing/targets/faulty-proxy.ts';
import { type ScimDialect, startDialectServer } from '@tenure/testing/targets/scim-dialects.ts';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { startSqlApplication } from '@tenure/testing/targets/sql-application.ts';
import type { RunningTarget, TargetState } from '@tenure/testing/targets/target-state.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import pg from 'pg';

/** A target that is changed by others than Tenure too. */
export interface UsedTarget {
  readonly settings: TargetSettings;
  /** A group that everybody is in, and one of Finance. */
  readonly groups: readonly [string, string];
  /** A group of auditors, in which nobody is. */
  readonly audit: string;
  /** A group that policy does not know. */
  readonly unmanaged: string;
  /** Attribute that is mapped from the employee number. */
  readonly key: string;
  /** Writes the time of the last use of an account, as the target itself does. */
  use(userName: string, at: string): Promise<void>;
  /** Attribute that is mapped from the display name. */
  readonly attribute: string;
  /** The least attributes of an account. */
  attributes(name: string): Readonly<Record<string, string>>;
  /** Returns the account as it is in the target. */
  look(userName: string): Promise<TargetState>;
  /** Answers each request with a redirect while the work lasts; absent where the protocol has none. */
  redirecting?(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const base = { title: '', timeout: 5000, concurrency: 4, ratePerSecond: 10_000, confirmWithin: 60_000, reconciliation: { protectedAccounts: ['svc-backup'] } };

/** A SCIM service. @param dialect absent: all of the protocol */
export async function scim(dialect: ScimDialect | null = null): Promise<UsedTarget> {
  const server = await startScimServer({ port: 0, token: 'token', groups: ['Staff', 'Finance', 'Audit', 'Choir'] });
  const dialects = dialect === null ? null : await startDialectServer(server, dialect);
  const proxy = await startFaultyProxy((dialects ?? server).url);
  const attributes = { displayName: 'identity.displayName', employeeNumber: 'identity.employeeNumber' };
  const settings: TargetSettings = { ...base, kind: 'scim', name: 'crm', url: proxy.url, token: 'token', lastActivity: 'nickName', attributes };
  return {
    settings,
    groups: ['Staff', 'Finance'],
    audit: 'Audit',
    unmanaged: 'Choir',
    key: 'employeeNumber',
    use: (userName, at) => written(settings, userName, { nickName: at }),
    attribute: 'displayName',
    attributes: (displayName) => ({ displayName }),
    look: (userName) => server.look(userName),
    async redirecting(work) {
      proxy.play({ kind: 'status', status: 302, headers: { location: 'https://login.example/' } });
      await work().finally(() => proxy.behave());
    },
    async stop() {
      await proxy.stop();
      await dialects?.stop();
      await server.stop();
    },
  };
}

/** Writes attributes of an account past Tenure. Its mark stays. */
async function written(settings: TargetSettings, userName: string, attributes: Readonly<Record<string, string>>): Promise<void> {
  const connector = createConnector(settings);
  const account = await connector.observe({ nativeId: null, userName });
  await connector.update({ nativeId: null, userName }, attributes, account?.externalId ?? '');
  await connector.close();
}

/** A directory. */
export async function ldap(): Promise<UsedTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'tenure-reconciliation-'));
  const server = await startDirectory({ directory, port: await freePort(), password: 'password' });
  const client = await server.open();
  for (const cn of ['audit', 'choir']) await client.add(`cn=${cn},${groups}`, { objectClass: 'groupOfNames', cn, member: bindDn });
  await client.unbind();
  const settings: TargetSettings = {
    ...base,
    kind: 'ldap',
    name: 'crm',
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
    lastActivity: 'description',
    attributes: { cn: 'identity.displayName', sn: 'identity.displayName', departmentNumber: 'identity.employeeNumber' },
  };
  return {
    settings,
    groups: ['staff', 'finance'],
    audit: 'audit',
    unmanaged: 'choir',
    key: 'departmentNumber',
    use: (userName, at) => written(settings, userName, { description: at }),
    attribute: 'cn',
    attributes: (cn) => ({ cn, sn: cn }),
    look: (userName) => server.look(userName),
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A database of an application. */
export async function sql(): Promise<UsedTarget> {
  const url = new URL(process.env['TENURE_TEST_DATABASE_URL'] ?? '');
  url.pathname = `/reconciliation_${randomBytes(6).toString('hex')}`;
  const application: RunningTarget = await startSqlApplication({ url: url.href });
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  await pool.query('ALTER TABLE accounts ADD COLUMN last_used text');
  const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail, last_used';
  const where = 'WHERE id = :nativeId::bigint';
  return {
    settings: {
      ...base,
      kind: 'sql',
      name: 'crm',
      url: url.href,
      tls: 'none',
      caFile: null,
      lastActivity: 'last_used',
      attributes: { full_name: 'identity.displayName', mail: 'identity.employeeNumber' },
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
    groups: ['reader', 'payer'],
    audit: 'closer',
    unmanaged: 'auditor',
    key: 'mail',
    use: async (userName, at) => void (await pool.query('UPDATE accounts SET last_used = $2 WHERE login = $1', [userName, at])),
    attribute: 'full_name',
    attributes: (name) => ({ full_name: name }),
    look: (userName) => application.look(userName),
    async stop() {
      await pool.end();
      await application.stop();
    },
  };
}

/** One target of each kind; a directory only where slapd is installed. */
export const ofEachKind: readonly (readonly [string, () => Promise<UsedTarget>])[] = [
  ['SCIM', () => scim()],
  ['SQL', sql],
  ...(slapdPath() === null ? [] : [['LDAP', ldap] as const]),
];
