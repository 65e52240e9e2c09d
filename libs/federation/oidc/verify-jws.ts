import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { refuseOidc } from './refusal.ts';

/** A JWT whose signature is verified. */
export interface VerifiedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Signature algorithms that are accepted (RFC 7518 section 3.1, RFC 8037), with the type of their keys. Never `none`, and none with a shared secret. */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ...['256', '384', '512'].flatMap((bits): [string, Algorithm][] => {
    const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return [
      [`RS${bits}`, { type: 'rsa', hash: `sha${bits}`, options: { padding: constants.RSA_PKCS1_PADDING } }],
      [`PS${bits}`, { type: 'rsa', hash: `sha${bits}`, options: pss }],
    ];
  }),
  ['ES256', { type: 'ec', hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' }, curve: 'prime256v1' }],
  ['ES384', { type: 'ec', hash: 'sha384', options: { dsaEncoding: 'ieee-p1363' }, curve: 'secp384r1' }],
  ['ES512', { type: 'ec', hash: 'sha512', options: { dsaEncoding: 'ieee-p1363' }, curve: 'secp521r1' }],
  ['EdDSA', { type: 'ed25519', hash: null, options: {} }],
  ['Ed25519', { type: 'ed25519', hash: null, options: {} }],
]);
interface Algorithm {
  readonly type: 'rsa' | 'ec' | 'ed25519';
  /** Node's name of the hash; `null`: the algorithm has its own. */
  readonly hash: string | null;
  readonly options: object;
  readonly curve?: string;
}
const MINIMUM_RSA_BITS = 2048;
const LONGEST = 16_384;

/**
 * Verifies the signature of a JWT by the keys of its sender (RFC 7515 section 5.2).
 * @param keys JWK Set of the sender; the key's type decides about the algorithm, never the token alone
 * @throws LoginRefused `malformed`, `too-large`; `token-invalid` also where no key has its `kid`
 */
export function verifyJws(token: string, keys: readonly JsonWebKey[]): VerifiedJwt {
  if (token.length > LONGEST) throw refuseOidc('too-large', 'the token is longer than 16,384 characters');
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token);
  const [, head = '', body = '', signature = ''] = parts ?? [];
  if (parts === null) throw refuseOidc('malformed', 'the token is no signed JWT');
  const [header, claims] = [objectOf(head), objectOf(body)];
  const algorithm = typeof header['alg'] === 'string' ? ALGORITHMS.get(header['alg']) : undefined;
  if (algorithm === undefined || header['crit'] !== undefined || header['b64'] !== undefined)
    throw refuseOidc('token-invalid', 'the signature of the token is of a kind that is not accepted');
  const signed = Buffer.from(`${head}.${body}`);
  const isGood = keys
    .filter((jwk) => header['kid'] === undefined || jwk['kid'] === header['kid'])
    .filter((jwk) => (jwk['use'] ?? 'sig') === 'sig' && (jwk['alg'] ?? header['alg']) === header['alg'])
    .flatMap((jwk) => keyOf(jwk) ?? [])
    .filter(({ asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {} }) => {
      const isOfType = type === algorithm.type && (algorithm.curve === undefined || algorithm.curve === namedCurve);
      return isOfType && (type !== 'rsa' || modulusLength >= MINIMUM_RSA_BITS);
    })
    .some((key) => verify(algorithm.hash, signed, { key, ...algorithm.options }, Buffer.from(signature, 'base64url')));
  if (!isGood) throw refuseOidc('token-invalid', 'the signature of the token is by none of the keys of the provider');
  return { header, claims };
}

function objectOf(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Refused below: what does not parse is no token.
  }
  throw refuseOidc('malformed', 'the token is no signed JWT');
}

/** `null`: the key cannot be read; others may be. */
function keyOf(jwk: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}
