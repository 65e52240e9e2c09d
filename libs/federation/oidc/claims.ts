import { isPlainText, LoginRefused } from '@tenure/domain';

/** JSON value of a claim, without null: a claim that is null means "none" and becomes an empty list. */
export type ClaimValue = string | number | boolean | readonly ClaimValue[] | { readonly [name: string]: ClaimValue };
export type OidcClaims = Readonly<Record<string, ClaimValue>>;

const MAXIMUM_LENGTH = 65_536;

/** Claims about the token, not about the person (OIDC core 2, RFC 7519 section 4.1). */
const OF_THE_TOKEN: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'nonce',
  'azp',
  'at_hash',
  'c_hash',
  's_hash',
  'session_expiry',
  'sid',
  'auth_time',
]);

/** Claims that state that another one was verified (OIDC core 5.1). */
const VERIFIED = [
  ['email', 'email_verified'],
  ['phone_number', 'phone_number_verified'],
] as const;

/**
 * Claims about the person from the ID token and the userinfo endpoint together. Where both have a claim, the ID token counts: it is signed.
 * A claim that neither has stays absent (no statement); null becomes an empty list ("none").
 * @throws LoginRefused `too-large`, `malformed`
 */
export function normaliseOidcClaims(idToken: Readonly<Record<string, unknown>>, userinfo: Readonly<Record<string, unknown>> | null): OidcClaims {
  const claims = new Map<string, ClaimValue>();
  for (const [name, value] of [...Object.entries(besides(userinfo ?? {}, idToken)), ...Object.entries(idToken)]) {
    if (!OF_THE_TOKEN.has(name) && value !== undefined) claims.set(name, normalise(value));
  }
  const result = Object.fromEntries(claims);
  if (JSON.stringify(result).length > MAXIMUM_LENGTH) throw new LoginRefused('too-large', 'the claims are larger than 64 KiB');
  return result;
}

/** Claims of userinfo that supplement the ID token. A verification covers only the value beside it: not where the ID token has another value. */
function besides(userinfo: Readonly<Record<string, unknown>>, idToken: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const others = VERIFIED.filter(([said]) => idToken[said] !== undefined && userinfo[said] !== undefined && idToken[said] !== userinfo[said]);
  const foreign = new Set<string>(others.map(([, verified]) => verified));
  return Object.fromEntries(Object.entries(userinfo).filter(([name]) => !foreign.has(name)));
}

function normalise(value: unknown): ClaimValue {
  if (value === null) return [];
  if (typeof value === 'string' && !isPlainText(value)) throw new LoginRefused('malformed', 'a claim contains a value that is not a text');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(normalise);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalise(item)]));
  throw new LoginRefused('malformed', 'a claim is of a kind that JSON does not have');
}
