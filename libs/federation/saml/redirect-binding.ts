import { type KeyObject, sign } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { TextDecoder } from 'node:util';
import { refuse } from './refusal.ts';
import { isSignatureAlgorithm, isSignedBy, signatureAlgorithmOf } from './signature-algorithms.ts';
import type { SignerKeys } from './signing-certificate.ts';

/** Parameter that carries a message. */
export type MessageField = 'SAMLRequest' | 'SAMLResponse';

/** Largest message by redirect, in bytes, after decompression: more than any request has, and far less than what a small bomb unpacks to. */
const MAXIMUM_BYTES = 65_536;

/** Query of an unsigned message by HTTP-Redirect (SAML bindings 3.4.4.1). @param relayState `null`: none */
export function redirectQuery(field: MessageField, xml: string, relayState: string | null): string {
  const message = encodeURIComponent(deflateRawSync(xml).toString('base64'));
  return `${field}=${message}${relayState === null ? '' : `&RelayState=${encodeURIComponent(relayState)}`}`;
}

/** Adds SigAlg and Signature to the query of a message (SAML bindings 3.4.4.1). @param query from `redirectQuery` @param key RSA or EC private key */
export function signRedirect(query: string, key: KeyObject): string {
  const { uri, hash, options } = signatureAlgorithmOf(key);
  const signed = `${query}&SigAlg=${encodeURIComponent(uri)}`;
  return `${signed}&Signature=${encodeURIComponent(sign(hash, Buffer.from(signed), { key, ...options }).toString('base64'))}`;
}

/** Address to which a browser is redirected. @param location address of the receiver, which may have a query of its own */
export function redirectUrl(location: string, query: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}${query}`;
}

/** A message by HTTP-Redirect, decompressed; none of it is trusted. */
export interface RedirectMessage {
  readonly field: MessageField;
  readonly xml: string;
  readonly relayState: string | null;
  /** `null`: the query is not signed. */
  readonly signature: QuerySignature | null;
}
export interface QuerySignature {
  readonly algorithm: string;
  /** Octets that it covers, as sent. */
  readonly signed: Buffer;
  readonly value: Buffer;
}

/**
 * Reads a message from a query, as it was sent: a signature covers its octets (SAML bindings 3.4.4.1).
 * @param query everything after the question mark
 * @throws LoginRefused also where a parameter is there twice: two readers could read two messages
 */
export function readRedirect(query: string): RedirectMessage {
  const raw = rawParameters(query);
  const fields = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => raw.has(name));
  const [field] = fields;
  if (field === undefined || fields.length > 1) throw refuse('malformed', 'the address carries no SAML message, or two');
  const encoding = raw.get('SAMLEncoding');
  if (encoding !== undefined && decoded(encoding) !== 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE')
    throw refuse('malformed', 'the message has an encoding other than DEFLATE');
  const relayState = raw.get('RelayState');
  return {
    field,
    xml: inflate(decoded(raw.get(field) ?? '')),
    relayState: relayState === undefined ? null : decoded(relayState),
    signature: signatureOf(raw, field),
  };
}

/** Verifies the signature of a query. @throws LoginRefused */
export function verifyRedirect({ signature }: Pick<RedirectMessage, 'signature'>, { signingCertificates }: SignerKeys): void {
  if (signature === null) throw refuse('signature-missing', 'the address is not signed');
  const { algorithm, signed, value } = signature;
  if (!isSignatureAlgorithm(algorithm)) throw refuse('signature-algorithm', 'the signature of the address is by an algorithm that is not accepted');
  if (!signingCertificates.some(({ key }) => isSignedBy(key, algorithm, signed, value)))
    throw refuse('signature-invalid', 'the signature of the address is by none of the keys in the metadata');
}

const NAMES: ReadonlySet<string> = new Set(['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding']);

/** Values of SAML's parameters as sent. Names are compared after decoding: `SAMLReques%74` is the same parameter to other readers. */
function rawParameters(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    if (!NAMES.has(name)) continue;
    if (found.has(name)) throw refuse('malformed', `the address has ${name} twice`);
    found.set(name, equals < 0 ? '' : pair.slice(equals + 1));
  }
  return found;
}

/** Signed octets: the parameters in the order of the specification, each as sent. */
function signatureOf(raw: ReadonlyMap<string, string>, field: MessageField): QuerySignature | null {
  const [algorithm, value] = [raw.get('SigAlg'), raw.get('Signature')];
  if (algorithm === undefined && value === undefined) return null;
  if (!algorithm || !value) throw refuse('signature-invalid', 'the address has only one of SigAlg and Signature');
  const signed = [field, 'RelayState', 'SigAlg'].filter((name) => raw.has(name)).map((name) => `${name}=${raw.get(name)}`);
  return { algorithm: decoded(algorithm), signed: Buffer.from(signed.join('&')), value: Buffer.from(decoded(value), 'base64') };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw refuse('malformed', 'the address is not percent-encoded UTF-8', { cause });
  }
}

function inflate(text: string): string {
  const base64 = text.replace(/[\r\n\t ]/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw refuse('malformed', 'the message is not base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(inflateRawSync(Buffer.from(base64, 'base64'), { maxOutputLength: MAXIMUM_BYTES }));
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw isLarge ? refuse('too-large', 'the message is larger than 64 KiB') : refuse('malformed', 'the message is not DEFLATE of UTF-8', { cause });
  }
}
