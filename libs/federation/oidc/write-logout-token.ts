import { constants, type KeyObject, sign } from 'node:crypto';

/** Content of a logout token to be written. */
export interface NewLogoutToken {
  /** Issuer of the OpenID provider. */
  readonly issuer: string;
  readonly clientId: string;
  /** `sub` of the person at the application. */
  readonly subject: string;
  /** `sid` of the session. */
  readonly sessionId: string;
  /** Algorithm of the application's ID tokens (RFC 7518 section 3). */
  readonly algorithm: 'RS256' | 'PS256';
  /** Id of this token. A receiver may refuse one that it has seen, so each attempt has another. */
  readonly id: string;
  /** Milliseconds of Unix time. */
  readonly now: number;
}

/** Seconds for which a logout token is valid (OpenID Connect Back-Channel Logout 1.0 section 2.4 recommends two minutes at most). */
const LIFETIME = 120;

/**
 * Writes a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4), a JWS in compact form.
 * @param key RSA private key, and its id in the provider's JWK Set
 */
export function logoutToken(
  { issuer, clientId, subject, sessionId, algorithm, id, now }: NewLogoutToken,
  key: { readonly id: string; readonly privateKey: KeyObject },
): string {
  const issuedAt = Math.floor(now / 1000);
  const claims = {
    iss: issuer,
    aud: clientId,
    iat: issuedAt,
    exp: issuedAt + LIFETIME,
    jti: id,
    sub: subject,
    sid: sessionId,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  };
  const signed = `${encode({ alg: algorithm, typ: 'logout+jwt', kid: key.id })}.${encode(claims)}`;
  const padding = algorithm === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: key.privateKey, ...padding }).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
