import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetSettings } from '@tenure/config';
import { bindDn, groups, people, slapdPath, startDirectory } from '@tenure/testing/targets/directory.ts';
import { startFaultyProxy } from '@tenure/testing/targets/faulty-proxy.ts';
import { type ScimDialect, startDialectServer } from '@tenure/testing/targets/scim-dialects.ts';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { startSqlApplication } from '@tenure/testing/targets/sql-application.ts';
import type { RunningTarget, TargetState } from '@tenure/testing/targets/target-state.ts';
import { freePort } from '@tenure/testing/free-port.ts';

/** A target that is changed by others than Tenure too. */
export interface UsedTarget {
  readonly settings: TargetSettings;
  /** A group that everybody is in, and one of Finance. */
  readonly groups: readonly [string, string];
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
  const server = await startScimServer({ port: 0, token: 'token', groups: ['Staff', 'Finance'] });
  const dialects = dialect === null ? null : await startDialectServer(server, dialect);
  const proxy = await startFaultyProxy((dialects ?? server).url);
  return {
    settings: { ...base, kind: 'scim', name: 'crm', url: proxy.url, token: 'token', attributes: { displayName: 'identity.displayName' } },
    groups: ['Staff', 'Finance'],
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

/** A directory. */
export async function ldap(): Promise<UsedTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'tenure-reconciliation-'));
  const server = await startDirectory({ directory, port: await freePort(), password: 'password' });
  return {
    settings: {
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
      attributes: { cn: 'identity.displayName', sn: 'identity.displayName' },
    },
    groups: ['staff', 'finance'],
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
  const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name';
  const where = 'WHERE id = :nativeId::bigint';
  return {
    settings: {
      ...base,
      kind: 'sql',
      name: 'crm',
      url: url.href,
      tls: 'none',
      caFile: null,
      attributes: { full_name: 'identity.displayName' },
      statements: {
        list: `SELECT ${columns} FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit`,
        find: `SELECT ${columns} FROM accounts WHERE login = :userName`,
        read: `SELECT ${columns} FROM accounts ${where}`,
        create:
          'INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id',
        update: `UPDATE accounts SET external_id = :externalId, full_name = :full_name ${where}`,
        enable: `UPDATE accounts SET active = true ${where}`,
        disable: `UPDATE accounts SET active = false ${where}`,
        delete: `DELETE FROM accounts ${where}`,
        memberships: 'SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint',
        addMember: 'INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING',
        removeMember: 'DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement',
      },
    },
    groups: ['reader', 'payer'],
    attribute: 'full_name',
    attributes: (name) => ({ full_name: name }),
    look: (userName) => application.look(userName),
    stop: () => application.stop(),
  };
}

/** One target of each kind; a directory only where slapd is installed. */
export const ofEachKind: readonly (readonly [string, () => Promise<UsedTarget>])[] = [
  ['SCIM', () => scim()],
  ['SQL', sql],
  ...(slapdPath() === null ? [] : [['LDAP', ldap] as const]),
];
