import { SIGNATURE } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, everythingIn, textOf, type XmlElement } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import { refuse } from './refusal.ts';

/**
 * Judges how a message is signed before any signature is computed: signatures lie only where they belong, one in
 * each element, name no certificate that the metadata does not list, and no ID is there twice.
 * @param owners the elements that may be signed
 * @throws LoginRefused
 */
export function checkSignaturePlaces(root: XmlElement, owners: readonly XmlElement[], provider: SamlProviderMetadata): void {
  const signatures = descendantsOf(root, SIGNATURE, 'Signature');
  const signed = new Set(signatures.map(({ parent }) => parent));
  for (const signature of signatures) {
    if (!owners.some((owner) => owner === signature.parent)) throw refuse('signature-invalid', 'a signature is where none belongs');
    // Some verifiers read only the text before a comment or a CDATA section; nobody needs one here.
    if (!signature.isPlain) throw refuse('signature-invalid', 'a signature contains a comment or a CDATA section');
    checkCertificate(signature, provider);
  }
  if (signatures.length !== signed.size) throw refuse('signature-invalid', 'an element is signed twice');
  checkIds(root);
}

/** Whether an element carries a signature of its own. */
export function isSigned(element: XmlElement): boolean {
  return elementsOf(element, SIGNATURE, 'Signature').length > 0;
}

/** A named certificate only tells us sooner that a key is new; which keys may sign is said by the metadata alone. */
function checkCertificate(signature: XmlElement, provider: SamlProviderMetadata): void {
  const named = descendantsOf(signature, SIGNATURE, 'X509Certificate').map((element) => Buffer.from(textOf(element), 'base64').toString('base64'));
  if (named.length > 0 && !provider.signingCertificates.some(({ base64 }) => named.includes(base64))) {
    throw refuse('signature-key-unknown', 'the signature names a certificate that is not in the metadata');
  }
}

/** An ID that is there twice makes it unclear what a reference means; verifiers look at all three spellings. */
function checkIds(root: XmlElement): void {
  const seen = new Set<string>();
  for (const element of everythingIn(root)) {
    for (const name of ['ID', 'Id', 'id']) {
      const id = attributeOf(element, name);
      if (id === null) continue;
      if (seen.has(id)) throw refuse('signature-invalid', 'an ID is there twice');
      seen.add(id);
    }
  }
}
