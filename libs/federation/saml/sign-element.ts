import { createHash, type KeyObject, sign } from 'node:crypto';
import { XmlElement as LibraryElement } from 'libxml2-wasm';
import { canonicalize } from './canonicalize.ts';
import { EXCLUSIVE, SIGNATURE } from './namespaces.ts';
import { withDocument } from './parse-xml.ts';
import { signatureAlgorithmOf } from './signature-algorithms.ts';

export interface ElementSignature {
  /** Local name of the element to sign: the root, or a child of it. It has an ID. */
  readonly element: string;
  /** RSA, or EC on a NIST curve. */
  readonly privateKey: KeyObject;
  /** Certificate of the same key, PEM; `null`: the signature names no key. */
  readonly certificate: string | null;
  /** Prefixes that its content uses in values, such as those of types, and that are therefore signed too; none unless set. */
  readonly inclusivePrefixes?: readonly string[];
}

/**
 * Signs one element of a message that Tenure wrote itself (XML Signature 3.1, SAML core 5.4): enveloped, exclusive canonicalization, SHA-256. The
 * signature follows the element's Issuer, or begins the element where it has none, as the schemas require.
 * @param xml message without XML declaration and comments, with the issuer (if any) as first child of the element
 * @returns the same text with the signature in it
 */
export function signElement(xml: string, { element, privateKey, certificate, inclusivePrefixes = [] }: ElementSignature): string {
  const { id, digest } = digestOf(xml, element, inclusivePrefixes);
  const { uri, hash, options } = signatureAlgorithmOf(privateKey);
  const inclusive =
    inclusivePrefixes.length === 0
      ? ''
      : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${inclusivePrefixes.join(' ')}"></ec:InclusiveNamespaces>`;
  // Both parts are canonical as written: the signed one declares its namespace, which its place in the message declares around it.
  const content =
    `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${uri}"></ds:SignatureMethod>` +
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${SIGNATURE}enveloped-signature"></ds:Transform>` +
    `<ds:Transform Algorithm="${EXCLUSIVE}">${inclusive}</ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`;
  const signed = Buffer.from(`<ds:SignedInfo xmlns:ds="${SIGNATURE}">${content}</ds:SignedInfo>`);
  const value = sign(hash, signed, { key: privateKey, ...options }).toString('base64');
  const keyInfo =
    certificate === null ? '' : `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${derOf(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  const signature =
    `<ds:Signature xmlns:ds="${SIGNATURE}"><ds:SignedInfo>${content}</ds:SignedInfo>` +
    `<ds:SignatureValue>${value}</ds:SignatureValue>${keyInfo}</ds:Signature>`;
  const at = placeOf(xml, element);
  return xml.slice(0, at) + signature + xml.slice(at);
}

/** DER bytes of a PEM certificate in base64, as messages and metadata carry them. */
export function derOf(certificate: string): string {
  return certificate.replace(/-----[^-]+-----|\s/g, '');
}

function digestOf(xml: string, name: string, inclusivePrefixes: readonly string[]): { readonly id: string; readonly digest: string } {
  return withDocument(xml, (document) => {
    const element = document.root.name === name ? document.root : childOf(document.root, name);
    const id = element.attr('ID')?.value ?? '';
    if (!/^[A-Za-z_][\w.-]*$/.test(id)) throw new Error(`${name} has no ID that a signature can refer to`);
    return {
      id,
      digest: createHash('sha256')
        .update(canonicalize(document, element, inclusivePrefixes))
        .digest('base64'),
    };
  });
}

function childOf(parent: LibraryElement, name: string): LibraryElement {
  for (let node = parent.firstChild; node !== null; node = node.next) if (node instanceof LibraryElement && node.name === name) return node;
  throw new Error(`there is no ${name} to sign`);
}

/** Index after the issuer that is the first child of the element, or after its start tag. Text is escaped, so that no other `<` or `>` is there. */
function placeOf(xml: string, name: string): number {
  const start = Array.from(xml.matchAll(/<(?:\w+:)?(\w+)(?:\s[^<>]*)?>/g)).find(([, element]) => element === name);
  if (start === undefined) throw new Error(`there is no ${name} to sign`);
  const inside = start.index + start[0].length;
  const issuer = /^<(?:\w+:)?Issuer(?:\s[^>]*)?>[^<]*<\/(?:\w+:)?Issuer>/.exec(xml.slice(inside));
  return inside + (issuer?.[0].length ?? 0);
}
