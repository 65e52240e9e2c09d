import type { LdapSettings } from './ldap/settings.ts';
import type { ScimSettings } from './scim/settings.ts';
import type { SqlSettings } from './sql/settings.ts';

/** Settings of one target of tenure.yaml, as far as a connector needs them; `kind` selects the connector. */
export type TargetSettings = ScimSettings | LdapSettings | SqlSettings;
