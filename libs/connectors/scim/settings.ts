import type { ConnectionSettings } from '../connection-settings.ts';

/** Settings of a SCIM 2.0 service provider (RFC 7643, RFC 7644). */
export interface ScimSettings extends ConnectionSettings {
  readonly kind: 'scim';
  /** Base address, with `/Users` below it. */
  readonly url: string;
  /** Bearer token. */
  readonly token: string;
  /** PEM file of the authority that signed the server's certificate; `null` or absent: the system's. */
  readonly caFile?: string | null;
}
