import type { AttributeRules } from '@tenure/domain';
import type { ConnectionSettings } from '../connection-settings.ts';

export type SqlStatementName = 'list' | 'find' | 'read' | 'create' | 'update' | 'enable' | 'disable' | 'delete' | 'memberships' | 'addMember' | 'removeMember';

/** Accounts in tables of a PostgreSQL database. */
export interface SqlSettings extends ConnectionSettings {
  readonly kind: 'sql';
  /** `postgres://user:password@host:port/database`; what it says of TLS is not used, `tls` is. */
  readonly url: string;
  readonly tls: 'none' | 'verify-full';
  /** PEM file of the authority that signed the server's certificate; `null`: the system's. */
  readonly caFile: string | null;
  /** One statement each, with `:names` for Tenure's values. */
  readonly statements: Readonly<Record<SqlStatementName, string>>;
  /** Rules of the mapped attributes. Write-only attributes, which accounts do not show, must not be cleared when another attribute is written. */
  readonly rules?: AttributeRules;
}
