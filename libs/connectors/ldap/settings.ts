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
  /** DNs of the branches in which accounts are looked for by name, and listed. */
  readonly people: readonly string[];
  /** DN directly below which new accounts are put; one of `people`, or below one. */
  readonly createBelow: string;
  /**
   * DNs of the branches in which an account that is known by its id is looked for when it is not below `people`, and in which a user name has
   * to be free; `null`: the naming contexts that hold `people`.
   */
  readonly lookBelow: readonly string[] | null;
  /** DN of the branch that holds groups. */
  readonly groups: string;
  /** Holds the user name and names the entry, e.g. `uid`. */
  readonly idAttribute: string;
  /** Holds Tenure's mark, the identity's id, and nothing else; `null`: the mark is one more value of `labeledURI`. */
  readonly externalIdAttribute: string | null;
  /** How a disabled account is told: by the value of an attribute, or by membership in a group (its DN). */
  readonly disable: { readonly attribute: string; readonly disabled: string; readonly enabled: string } | { readonly group: string };
}
