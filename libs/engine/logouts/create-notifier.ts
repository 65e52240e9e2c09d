import type { ApplicationSettings } from '@tenure/config';
import { identityProviderAt, openidIssuer } from '@tenure/federation';
import type { LogoutNotice } from '@tenure/store';
import type { SamlApplications } from '../applications/index.ts';
import type { Keyring } from '../keys/index.ts';
import type { LogoutAnswer } from './logout-answer.ts';
import { notifyOidc } from './notify-oidc.ts';
import { notifySaml } from './notify-saml.ts';

/** Milliseconds for one attempt at an application. */
const PATIENCE = 5_000;

export interface LogoutNotifierSettings {
  /** Public address of the installation. */
  readonly url: string;
  readonly keyring: Keyring;
  readonly samlApplications: SamlApplications;
  /** Milliseconds for one attempt; five seconds unless set. */
  readonly patience?: number;
}

/** Notifies applications of ends of sessions, each by its protocol. */
export function createLogoutNotifier({ url, keyring, samlApplications: applications, patience = PATIENCE }: LogoutNotifierSettings) {
  const oidc = { issuer: openidIssuer(url), keyring, patience };
  const { entityId, soapUrl } = identityProviderAt(url);
  const saml = { entityId, soapUrl, applications, keyring, patience };
  return (application: ApplicationSettings, notice: LogoutNotice, now: Date): Promise<LogoutAnswer> =>
    application.protocol === 'oidc' ? notifyOidc(oidc, application, notice, now) : notifySaml(saml, application, notice, now);
}
