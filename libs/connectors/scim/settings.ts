import type { ConnectionSettings } from '../connection-settings.ts';

/** A SCIM 2.0 service provider (RFC 7643, RFC 7644). */
export interface ScimSettings extends ConnectionSettings {
  readonly kind: 'scim';
  /** Base address, the one below which `/Users` lies. */
  readonly url: string;
  /** Bearer token. */
  readonly token: string;
}
