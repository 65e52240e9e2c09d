import type { TargetConnector } from './connector.ts';
import type { GroupLease } from './group-lease.ts';
import { createLdapConnector } from './ldap/ldap-connector.ts';
import { createScimConnector } from './scim/scim-connector.ts';
import type { TargetSettings } from './settings.ts';
import { createSqlConnector } from './sql/sql-connector.ts';

export { checkConnection } from './check-connection.ts';
export type * from './connector.ts';
export type { GroupLease, GroupTurn, GroupWrite } from './group-lease.ts';
export type { LdapSettings } from './ldap/settings.ts';
export type { ScimSettings } from './scim/settings.ts';
export type { TargetSettings } from './settings.ts';
export type { SqlSettings, SqlStatementName } from './sql/settings.ts';

/**
 * Creates the connector of a target. It opens connections on first use and keeps them: create one per target and process, and
 * `close()` it at the end.
 * @param groupLease lease over all workers that use this target; without it, several processes can undo each other's changes of a SCIM
 *   group that can only be written whole
 * @throws InputInvalid when the settings cannot work: a SQL statement with an unknown name, an LDAP address that contradicts `tls`
 */
export function createConnector(settings: TargetSettings, groupLease?: GroupLease): TargetConnector {
  switch (settings.kind) {
    case 'scim':
      return createScimConnector(settings, groupLease);
    case 'ldap':
      return createLdapConnector(settings);
    case 'sql':
      return createSqlConnector(settings);
  }
}
