import type { ConnectionSettings } from '../connection-settings.ts';

/** Settings of an LDAP directory with inetOrgPerson entries and groupOfNames groups. */
export interface LdapSettings extends ConnectionSettings {
  readonly kind: 'ldap';
  /** Address `ldap://host:port`, or `ldaps://host:port` with `tls: ldaps`. */
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly tls: 'none' | 'starttls' | 'ldaps';
  /** PEM file of the authority that signed the server's certificate; `null`: the system's. */
  readonly caFile: string | null;
  /** DNs of the branches in which accounts are searched by name, and listed. */
  readonly people: readonly string[];
  /** DN directly below which new accounts are created; one of `people`, or below one. */
  readonly createBelow: string;
  /**
   * DNs of the branches in which an account with a known id is searched when it is not below `people`, and in which a user name must be free;
   * `null`: the naming contexts that include `people`.
   */
  readonly lookBelow: readonly string[] | null;
  /** DN of the branch of groups. */
  readonly groups: string;
  /** Attribute with the user name, which also names the entry, e.g. `uid`. */
  readonly idAttribute: string;
  /** Attribute with Tenure's mark (the identity's id) as its only content; `null`: the mark is one more value of `labeledURI`. */
  readonly externalIdAttribute: string | null;
  /** Representation of a disabled account: by the value of an attribute, or by membership in a group (its DN). */
  readonly disable: { readonly attribute: string; readonly disabled: string; readonly enabled: string } | { readonly group: string };
}
