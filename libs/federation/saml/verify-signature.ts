import { createHash, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type XmlDocument, XmlElement as LibraryElement } from 'libxml2-wasm';
import { canonicalize } from './canonicalize.ts';
import { SIGNATURE } from './namespaces.ts';
import { attributeOf, elementsOf, parseXml, type XmlElement } from './parse-xml.ts';
import { readSignatureValue, readSignedInfo, type SignedInfo } from './read-signature.ts';
import { refuse } from './refusal.ts';
import { isSignedBy } from './signature-algorithms.ts';
import type { SignerKeys } from './signing-certificate.ts';

/** An element with one enveloped signature, in its document and as plain data. */
export interface SignedElement {
  readonly document: XmlDocument;
  readonly element: LibraryElement;
  readonly data: XmlElement;
}

/**
 * Verifies the enveloped signature of an element (XML Signature 3.2, SAML core 5.4), and removes it from the document.
 * @returns the element in exactly the form that the digest covers, without its signature: callers must read nothing else
 * @throws LoginRefused
 */
export function verifySignature({ document, element, data }: SignedElement, signer: SignerKeys): string {
  const [signature] = elementsOf(data, SIGNATURE, 'Signature');
  const [signedInfo] = signature === undefined ? [] : elementsOf(signature, SIGNATURE, 'SignedInfo');
  if (signature === undefined || signedInfo === undefined) throw refuse('signature-missing', 'there is no signature');
  if (elementsOf(signature, SIGNATURE, 'Object').length > 0) throw refuse('signature-invalid', 'a signature carries an object');
  const claimed = readSignedInfo(signedInfo);
  if (claimed.id !== attributeOf(data, 'ID')) throw refuse('signature-invalid', 'a signature does not refer to the element that it is in');
  if (claimed.transform.withComments && !data.isPlain) throw refuse('signature-algorithm', 'comments are there, and it is not clear whether they are signed');

  const node = childOf(element, 'Signature');
  verifySignedInfo(claimed, canonicalize(document, childOf(node, 'SignedInfo'), claimed.canonicalization.inclusivePrefixes), signature, signer);
  node.remove();
  const content = canonicalize(document, element, claimed.transform.inclusivePrefixes);
  if (!isSameBytes(createHash(claimed.digestMethod).update(content).digest(), claimed.digest)) {
    throw refuse('signature-invalid', 'the message was changed after it was signed');
  }
  return content.toString('utf8');
}

/** Checks that the claimed SignedInfo is the signed one, in all parameters. */
function verifySignedInfo(claimed: SignedInfo, signed: Buffer, signature: XmlElement, signer: SignerKeys): void {
  const value = readSignatureValue(signature);
  if (!signer.signingCertificates.some(({ key }) => isSignedBy(key, claimed.signatureMethod, signed, value))) {
    throw refuse('signature-invalid', 'the signature is by none of the keys in the metadata');
  }
  if (!isDeepStrictEqual(readSignedInfo(parseXml(signed.toString('utf8'))), claimed))
    throw refuse('signature-invalid', 'the signature reads differently once signed');
}

function childOf(parent: LibraryElement, name: string): LibraryElement {
  for (let node = parent.firstChild; node !== null; node = node.next) {
    if (node instanceof LibraryElement && node.name === name && node.namespaceUri === SIGNATURE) return node;
  }
  throw refuse('signature-missing', `there is no ${name}`);
}

function isSameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
