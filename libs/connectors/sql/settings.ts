import type { AttributeRules } from '@tenure/domain';
import type { ConnectionSettings } from '../connection-settings.ts';

export type SqlStatementName = 'list' | 'find' | 'read' | 'create' | 'update' | 'enable' | 'disable' | 'delete' | 'memberships' | 'addMember' | 'removeMember';

/** Settings of a target with accounts in tables of a PostgreSQL database. */
export interface SqlSettings extends ConnectionSettings {
  readonly kind: 'sql';
  /** Address `postgres://user:password@host:port/database`; its TLS parameters are ignored in favour of `tls`. */
  readonly url: string;
  readonly tls: 'none' | 'verify-full';
  /** PEM file of the authority that signed the server's certificate; `null`: the system's. */
  readonly caFile: string | null;
  /** Statements, with `:names` for Tenure's values. */
  readonly statements: Readonly<Record<SqlStatementName, string>>;
  /** Rules of the mapped attributes. Write-only attributes, which accounts do not show, must not be cleared when another attribute is written. */
  readonly rules?: AttributeRules;
}
