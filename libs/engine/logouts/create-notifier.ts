import type { ApplicationSettings } from '@tenure/config';
import type { LogoutNotice } from '@tenure/store';
import type { Keyring } from '../keys/index.ts';
import type { LogoutAnswer } from './logout-answer.ts';
import { notifyOidc } from './notify-oidc.ts';

/** Milliseconds for one attempt at an application. */
const PATIENCE = 5_000;

/**
 * Notifies applications of ends of sessions, each by its protocol.
 * @param url public address of the installation
 */
export function createLogoutNotifier({ url, keyring, patience = PATIENCE }: { readonly url: string; readonly keyring: Keyring; readonly patience?: number }) {
  const oidc = { issuer: `${url}/oidc`, keyring, patience };
  return async (application: ApplicationSettings, notice: LogoutNotice, now: Date): Promise<LogoutAnswer> =>
    application.protocol === 'oidc' ? notifyOidc(oidc, application, notice, now) : { outcome: 'no-channel', code: 'NO_SOAP_LOGOUT' };
}
