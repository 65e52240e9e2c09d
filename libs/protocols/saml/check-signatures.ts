import { X509Certificate } from 'node:crypto';
import { SIGNATURE } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, textOf } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import type { UnverifiedResponse } from './read-response.ts';
import { refuse } from './refusal.ts';

const SIGNATURE_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]);
const DIGEST_METHODS: ReadonlySet<string> = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']);
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** SAML core 5.4.4 allows no other transforms; leaving comments in is allowed there and of no use to anybody. */
const TRANSFORMS: ReadonlySet<string> = new Set(['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE]);

/**
 * Judges how the message is signed before any signature is computed: what must be signed is, each signature covers
 * its own parent and nothing else, with algorithms that we accept and a certificate that the metadata lists.
 * @throws LoginRefused
 */
export function checkSignatureShape({ response, assertion }: UnverifiedResponse, provider: SamlProviderMetadata): void {
  if (elementsOf(assertion, SIGNATURE, 'Signature').length === 0) throw refuse('signature-missing', 'the assertion is not signed');
  const signatures = descendantsOf(response, SIGNATURE, 'Signature');
  for (const signature of signatures) {
    const owner = signature.parentNode;
    if (owner !== response && owner !== assertion) throw refuse('signature-invalid', 'a signature is where none belongs');
    checkReference(signature, owner === response ? response : assertion);
    checkAlgorithms(signature);
    checkCertificate(signature, provider);
  }
  if (signatures.length !== new Set(signatures.map((signature) => signature.parentNode)).size) throw refuse('signature-invalid', 'an element is signed twice');
  checkIds(response);
}

/** SAML core 5.4.2: one reference, to the ID of the element that is signed. */
function checkReference(signature: Element, owner: Element): void {
  const references = descendantsOf(signature, SIGNATURE, 'Reference');
  const id = attributeOf(owner, 'ID');
  if (references.length !== 1 || !id || attributeOf(references[0] as Element, 'URI') !== `#${id}`) {
    throw refuse('signature-invalid', 'a signature does not refer to the element that it is in');
  }
  if (descendantsOf(signature, SIGNATURE, 'Object').length > 0) throw refuse('signature-invalid', 'a signature carries an object');
}

function checkAlgorithms(signature: Element): void {
  requireAlgorithms(signature, 'SignatureMethod', SIGNATURE_METHODS);
  requireAlgorithms(signature, 'DigestMethod', DIGEST_METHODS);
  requireAlgorithms(signature, 'CanonicalizationMethod', new Set([EXCLUSIVE]));
  requireAlgorithms(signature, 'Transform', TRANSFORMS);
}

function requireAlgorithms(signature: Element, name: string, accepted: ReadonlySet<string>): void {
  const elements = descendantsOf(signature, SIGNATURE, name);
  if (elements.length === 0) throw refuse('signature-invalid', `a signature has no ${name}`);
  if (elements.some((element) => !accepted.has(attributeOf(element, 'Algorithm') ?? ''))) {
    throw refuse('signature-algorithm', `a signature's ${name} is not one that is accepted`);
  }
}

/** A named certificate only tells us sooner that a key is new; which keys may sign is said by the metadata alone. */
function checkCertificate(signature: Element, provider: SamlProviderMetadata): void {
  const named = descendantsOf(signature, SIGNATURE, 'X509Certificate').map((element) => fingerprint(Buffer.from(textOf(element), 'base64')));
  const known = new Set(provider.signingCertificates.map((pem) => fingerprint(pem)));
  if (named.length > 0 && !named.some((certificate) => known.has(certificate))) {
    throw refuse('signature-key-unknown', 'the signature names a certificate that is not in the metadata');
  }
}

function fingerprint(certificate: string | Buffer): string {
  try {
    return new X509Certificate(certificate).fingerprint256;
  } catch (cause) {
    throw refuse('malformed', 'a certificate cannot be read', { cause });
  }
}

/** An ID that is there twice makes it unclear what a reference means; the verifiers look at all three spellings. */
function checkIds(response: Element): void {
  const seen = new Set<string>();
  for (const element of [response, ...Array.from(response.getElementsByTagName('*'))]) {
    for (const name of ['ID', 'Id', 'id']) {
      const id = attributeOf(element, name);
      if (id === null) continue;
      if (seen.has(id)) throw refuse('signature-invalid', 'an ID is there twice');
      seen.add(id);
    }
  }
}
