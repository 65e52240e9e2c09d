import type { ConnectionSettings } from '../connection-settings.ts';

/** An LDAP directory with inetOrgPerson entries and groupOfNames groups. */
export interface LdapSettings extends ConnectionSettings {
  readonly kind: 'ldap';
  /** `ldap://host:port`, or `ldaps://host:port` with `tls: ldaps`. */
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly tls: 'none' | 'starttls' | 'ldaps';
  /** PEM file of the authority that signed the server's certificate; `null`: the system's. */
  readonly caFile: string | null;
  /** DN of the branch that holds people; new ones are put directly below it. */
  readonly people: string;
  /** DN of the branch that holds groups. */
  readonly groups: string;
  /** Holds the user name and names the entry, e.g. `uid`. */
  readonly idAttribute: string;
  /** Holds Tenure's mark, the identity's id. */
  readonly externalIdAttribute: string;
  /** How a disabled account is told: by the value of an attribute, or by membership in a group (its DN). */
  readonly disable: { readonly attribute: string; readonly disabled: string; readonly enabled: string } | { readonly group: string };
}
