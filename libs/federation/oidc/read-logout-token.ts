import type { JsonWebKey } from 'node:crypto';
import type { Instant } from '@tenure/domain';
import { claimInstant } from './claim-instant.ts';
import { refuseOidc } from './refusal.ts';
import { verifyJws } from './verify-jws.ts';

/** A verified logout token of a provider. */
export interface ReceivedLogoutToken {
  /** Id of the token, to be accepted once: callers store it until `staleAt`. */
  readonly id: string;
  /** `sub`; `null`: not stated, then `sessionId` is. */
  readonly subject: string | null;
  /** `sid`; `null`: all sessions of the subject. */
  readonly sessionId: string | null;
  readonly staleAt: Instant;
}

export interface ExpectedLogoutToken {
  readonly issuer: string;
  readonly clientId: string;
  /** Public keys of the provider. */
  readonly keys: readonly JsonWebKey[];
  readonly now: Instant;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Tolerance for clocks that differ, in seconds. */
const TOLERANCE = 30;
/** Seconds after which a token is too old, though it may say that it is valid for longer. */
const OLDEST = 600;
const LONGEST = 255;

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6). The caller checks that its id was not received before.
 * @throws LoginRefused with an `OidcRefusal` as its reason
 */
export function readLogoutToken(token: string, { issuer, clientId, keys, now }: ExpectedLogoutToken): ReceivedLogoutToken {
  const { header, claims } = verifyJws(token, keys);
  const { iss, aud, iat, exp, jti, events, sub, sid } = claims;
  // An explicit type keeps ID tokens of the same issuer from counting; providers that state none are told apart by the event and the nonce.
  const type = header['typ'];
  if (type !== undefined && !(typeof type === 'string' && ['jwt', 'logout+jwt', 'application/logout+jwt'].includes(type.toLowerCase())))
    throw refuseOidc('token-invalid', 'the token is of another type than a logout token');
  if (iss !== issuer) throw refuseOidc('issuer-mismatch', 'the logout token is of another issuer');
  if (aud !== clientId && !(Array.isArray(aud) && aud.includes(clientId))) throw refuseOidc('audience-mismatch', 'the logout token is for another client');
  const seconds = Date.parse(now) / 1000;
  if (typeof iat !== 'number' || typeof exp !== 'number') throw refuseOidc('token-invalid', 'the logout token lacks iat or exp');
  if (iat > seconds + TOLERANCE || iat < seconds - OLDEST || exp <= seconds - TOLERANCE)
    throw refuseOidc('token-expired', 'the logout token is not valid at this time');
  if (!isText(jti)) throw refuseOidc('token-invalid', 'the logout token has no jti');
  if (!hasEvent(events)) throw refuseOidc('token-invalid', 'the token announces no logout');
  if (Object.hasOwn(claims, 'nonce')) throw refuseOidc('token-invalid', 'the logout token has a nonce, which only an ID token has');
  for (const [name, value] of Object.entries({ sub, sid }))
    if (value !== undefined && !isText(value)) throw refuseOidc('token-invalid', `the ${name} of the logout token is no name`);
  if (sub === undefined && sid === undefined) throw refuseOidc('token-invalid', 'the logout token names neither a person nor a session');
  const staleAt = claimInstant(Math.min(exp + TOLERANCE, iat + OLDEST)) ?? now;
  return { id: jti, subject: isText(sub) ? sub : null, sessionId: isText(sid) ? sid : null, staleAt };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST;
}

function hasEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, EVENT)) return false;
  const event = (events as Readonly<Record<string, unknown>>)[EVENT];
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}
