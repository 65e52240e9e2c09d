import type { TargetConnector } from './connector.ts';
import { createLdapConnector } from './ldap/ldap-connector.ts';
import { createScimConnector } from './scim/scim-connector.ts';
import type { TargetSettings } from './settings.ts';
import { createSqlConnector } from './sql/sql-connector.ts';

export { checkConnection } from './check-connection.ts';
export type * from './connector.ts';
export type { LdapSettings } from './ldap/settings.ts';
export type { ScimSettings } from './scim/settings.ts';
export type { TargetSettings } from './settings.ts';
export type { SqlSettings, SqlStatementName } from './sql/settings.ts';

/**
 * The connector for a target. It opens connections when they are first needed and keeps them: make one per target and process,
 * and `close()` it at the end.
 * @throws InputInvalid when the settings cannot work: a SQL statement with an unknown name, an LDAP address that contradicts `tls`
 */
export function createConnector(settings: TargetSettings): TargetConnector {
  switch (settings.kind) {
    case 'scim':
      return createScimConnector(settings);
    case 'ldap':
      return createLdapConnector(settings);
    case 'sql':
      return createSqlConnector(settings);
  }
}
