import { randomUUID } from 'node:crypto';
import type { OidcApplicationSettings } from '@tenure/config';
import { logoutToken } from '@tenure/federation';
import { providerFetch, ProviderUnreachable } from '@tenure/outbound';
import type { LogoutNotice } from '@tenure/store';
import type { Keyring } from '../keys/index.ts';
import { answerOfBackchannel } from './answer-of-backchannel.ts';
import type { LogoutAnswer } from './logout-answer.ts';

/** Settings of the OpenID provider that logout tokens need. */
export interface OidcNotifier {
  /** Issuer of the OpenID provider. */
  readonly issuer: string;
  readonly keyring: Keyring;
  /** Milliseconds for one attempt. */
  readonly patience: number;
}

/** Bytes of an answer that are read; its content means nothing. */
const LIMIT = 16_384;

/** Sends the logout token of a session to its application (OpenID Connect Back-Channel Logout 1.0 section 2.5). */
export async function notifyOidc(
  { issuer, keyring, patience }: OidcNotifier,
  { clientId, backchannelLogoutUri, profile }: OidcApplicationSettings,
  { subject, sessionIndex }: LogoutNotice,
  now: Date,
): Promise<LogoutAnswer> {
  if (backchannelLogoutUri === null) return { outcome: 'no-channel', code: 'NO_BACKCHANNEL_LOGOUT_URI' };
  const token = { issuer, clientId, subject: subject ?? '', sessionId: sessionIndex ?? '', id: randomUUID(), now: now.getTime() };
  // As its ID tokens are signed (section 2.6).
  const logout = logoutToken({ ...token, algorithm: profile === 'fapi2' ? 'PS256' : 'RS256' }, await keyring.signing('oidc'));
  try {
    const answer = await providerFetch(backchannelLogoutUri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: logout }).toString(),
      timeout: patience,
      limit: LIMIT,
    });
    return answerOfBackchannel(answer, now);
  } catch (error) {
    if (error instanceof ProviderUnreachable) return { outcome: 'unavailable', code: error.reason };
    throw error;
  }
}
