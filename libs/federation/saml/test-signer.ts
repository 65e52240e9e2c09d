import { constants, createHash, createHmac, sign } from 'node:crypto';
import type { SigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { type XmlDocument, XmlElement } from 'libxml2-wasm';
import { canonicalize } from './canonicalize.ts';
import { EXCLUSIVE, SIGNATURE } from './namespaces.ts';
import { withDocument } from './parse-xml.ts';

/** Test helper: a signature in any form that a provider or an attacker may give it. */
export interface TestSignature {
  readonly element: 'Assertion' | 'Response';
  /** Prefix; empty: the default namespace. */
  readonly prefix?: string;
  readonly inclusivePrefixes?: readonly string[];
  readonly algorithm?: keyof typeof ALGORITHMS;
  readonly digest?: keyof typeof DIGESTS;
  /** True if SignedInfo and the transform use canonicalization with comments. */
  readonly withComments?: boolean;
  /** Transforms in place of the two usual ones. */
  readonly transforms?: string;
  readonly keyInfo?: string;
  /** Key of an HMAC that replaces the signature. */
  readonly hmacKey?: string | Buffer;
  /** Changes SignedInfo before it is signed. */
  readonly changeSignedInfo?: (signedInfo: string) => string;
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const PSS = 'http://www.w3.org/2007/05/xmldsig-more#';
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const ieee = { dsaEncoding: 'ieee-p1363' } as const;
const ALGORITHMS = {
  'rsa-sha1': { uri: `${SIGNATURE}rsa-sha1`, hash: 'sha1', options: {} },
  'rsa-sha256': { uri: `${MORE}rsa-sha256`, hash: 'sha256', options: {} },
  'rsa-sha384': { uri: `${MORE}rsa-sha384`, hash: 'sha384', options: {} },
  'rsa-sha512': { uri: `${MORE}rsa-sha512`, hash: 'sha512', options: {} },
  'rsa-pss-sha256': { uri: `${PSS}sha256-rsa-MGF1`, hash: 'sha256', options: pss },
  'rsa-pss-sha512': { uri: `${PSS}sha512-rsa-MGF1`, hash: 'sha512', options: pss },
  'ecdsa-sha256': { uri: `${MORE}ecdsa-sha256`, hash: 'sha256', options: ieee },
  'ecdsa-sha384': { uri: `${MORE}ecdsa-sha384`, hash: 'sha384', options: ieee },
  'hmac-sha256': { uri: `${MORE}hmac-sha256`, hash: 'sha256', options: {} },
} as const;
const DIGESTS = {
  sha1: `${SIGNATURE}sha1`,
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: `${MORE}sha384`,
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const;

/** Signs the response, or the assertion that is its child or the root; the signature follows the issuer, as the schema requires. */
export function signElement(xml: string, key: SigningKey, signature: TestSignature): string {
  const { element, prefix = 'ds', inclusivePrefixes = [], algorithm = 'rsa-sha256' } = signature;
  const { id, digest } = withDocument(xml, (document) => {
    const node = find(document, element);
    const content = canonicalize(document, node, inclusivePrefixes);
    return {
      id: node.attr('ID')?.value ?? '',
      digest: createHash(signature.digest ?? 'sha256')
        .update(content)
        .digest('base64'),
    };
  });
  const unsigned = insert(xml, element, signatureElement(id, digest, key, signature));
  const { hash, options } = ALGORITHMS[algorithm];
  const value = withDocument(unsigned, (document) => {
    const signedInfo = child(child(find(document, element), 'Signature'), 'SignedInfo');
    const bytes = canonicalize(document, signedInfo, []);
    const { hmacKey } = signature;
    return (hmacKey === undefined ? sign(hash, bytes, { key: key.privateKey, ...options }) : createHmac(hash, hmacKey).update(bytes).digest()).toString(
      'base64',
    );
  });
  const colon = prefix === '' ? '' : `${prefix}:`;
  return unsigned.replace(`<${colon}SignatureValue></${colon}SignatureValue>`, `<${colon}SignatureValue>${value}</${colon}SignatureValue>`);
}

function signatureElement(id: string, digest: string, key: SigningKey, signature: TestSignature): string {
  const { prefix = 'ds', inclusivePrefixes = [], algorithm = 'rsa-sha256', withComments = false, changeSignedInfo = (xml) => xml } = signature;
  const p = prefix === '' ? '' : `${prefix}:`;
  const exclusive = withComments ? `${EXCLUSIVE}WithComments` : EXCLUSIVE;
  const inclusive = inclusivePrefixes.length === 0 ? '' : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${inclusivePrefixes.join(' ')}"/>`;
  const transforms =
    signature.transforms ?? `<${p}Transform Algorithm="${SIGNATURE}enveloped-signature"/><${p}Transform Algorithm="${exclusive}">${inclusive}</${p}Transform>`;
  const certificate = key.certificate.replace(/-----[^-]+-----|\s/g, '');
  const keyInfo = signature.keyInfo ?? `<${p}KeyInfo><${p}X509Data><${p}X509Certificate>${certificate}</${p}X509Certificate></${p}X509Data></${p}KeyInfo>`;
  const signedInfo = changeSignedInfo(
    `<${p}SignedInfo><${p}CanonicalizationMethod Algorithm="${exclusive}"/><${p}SignatureMethod Algorithm="${ALGORITHMS[algorithm].uri}"/>` +
      `<${p}Reference URI="#${id}"><${p}Transforms>${transforms}</${p}Transforms><${p}DigestMethod Algorithm="${DIGESTS[signature.digest ?? 'sha256']}"/>` +
      `<${p}DigestValue>${digest}</${p}DigestValue></${p}Reference></${p}SignedInfo>`,
  );
  return `<${p}Signature xmlns${p === '' ? '' : `:${prefix}`}="${SIGNATURE}">${signedInfo}<${p}SignatureValue></${p}SignatureValue>${keyInfo}</${p}Signature>`;
}

/** Inserts a signature after the first issuer at or below the element's start tag, which is its own. */
function insert(xml: string, element: string, signature: string): string {
  const start = new RegExp(`<(\\w+:)?${element}[\\s>]`).exec(xml)?.index ?? 0;
  const issuer = /<\/(\w+:)?Issuer>/.exec(xml.slice(start));
  if (issuer === null) throw new Error(`${element} has no issuer`);
  const end = start + issuer.index + issuer[0].length;
  return xml.slice(0, end) + signature + xml.slice(end);
}

function find({ root }: XmlDocument, name: string): XmlElement {
  return root.name === name ? root : child(root, name);
}

function child(parent: XmlElement, name: string): XmlElement {
  for (let node = parent.firstChild; node !== null; node = node.next) if (node instanceof XmlElement && node.name === name) return node;
  throw new Error(`there is no ${name}`);
}
