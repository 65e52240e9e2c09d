import { constants, type KeyObject, verify } from 'node:crypto';

const MINIMUM_RSA_BITS = 2048;

/** Accepted digest algorithms by URI (RFC 9231); all others are refused, SHA-1 and every HMAC included. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);

interface SignatureAlgorithm {
  readonly family: 'rsa' | 'rsa-pss' | 'ecdsa';
  readonly hash: string;
}
const SIGNATURES: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  ['sha256', 'sha384', 'sha512'].flatMap((hash): [string, SignatureAlgorithm][] => [
    [`http://www.w3.org/2001/04/xmldsig-more#rsa-${hash}`, { family: 'rsa', hash }],
    [`http://www.w3.org/2007/05/xmldsig-more#${hash}-rsa-MGF1`, { family: 'rsa-pss', hash }],
    [`http://www.w3.org/2001/04/xmldsig-more#ecdsa-${hash}`, { family: 'ecdsa', hash }],
  ]),
);
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Node's name of a digest algorithm; null when it is not accepted. */
export function digestOf(uri: string): string | null {
  return DIGESTS.get(uri) ?? null;
}

/** True if a signature algorithm is accepted. */
export function isSignatureAlgorithm(uri: string): boolean {
  return SIGNATURES.has(uri);
}

/** True if a key of the required kind and strength made this signature. The key's kind decides, never the message alone. */
export function isSignedBy(key: KeyObject, uri: string, signed: Buffer, signature: Buffer): boolean {
  const algorithm = SIGNATURES.get(uri);
  if (algorithm === undefined) return false;
  const { hash, family } = algorithm;
  if (family === 'ecdsa') return isStrongEcdsa(key) && verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (!isStrongRsa(key)) return false;
  const padding =
    family === 'rsa' ? { padding: constants.RSA_PKCS1_PADDING } : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verify(hash, signed, { key, ...padding }, signature);
}

/** Algorithm by which Tenure signs with a key: RSA (PKCS #1 v1.5) or ECDSA, both with SHA-256. @throws Error for a key of another kind, or a weak one */
export function signatureAlgorithmOf(key: KeyObject): { readonly uri: string; readonly hash: 'sha256'; readonly options: { dsaEncoding?: 'ieee-p1363' } } {
  const more = 'http://www.w3.org/2001/04/xmldsig-more#';
  if (isStrongRsa(key)) return { uri: `${more}rsa-sha256`, hash: 'sha256', options: {} };
  if (isStrongEcdsa(key)) return { uri: `${more}ecdsa-sha256`, hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } };
  throw new Error('the key is neither RSA of at least 2048 bits nor EC on a NIST curve');
}

function isStrongRsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MINIMUM_RSA_BITS;
}

function isStrongEcdsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'ec' && CURVES.has(asymmetricKeyDetails?.namedCurve ?? '');
}
