import { SIGNATURE } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, everythingIn, textOf, type XmlElement } from './parse-xml.ts';
import { refuse } from './refusal.ts';
import type { SignerKeys } from './signing-certificate.ts';

/**
 * Checks the signatures of a message before any of them is computed: they are only in elements that may be signed, one in
 * each, name no certificate that the metadata does not list, and no ID exists twice.
 * @param owners elements that may be signed
 * @throws LoginRefused
 */
export function checkSignaturePlaces(root: XmlElement, owners: readonly XmlElement[], signer: SignerKeys): void {
  const signatures = descendantsOf(root, SIGNATURE, 'Signature');
  const signed = new Set(signatures.map(({ parent }) => parent));
  for (const signature of signatures) {
    if (!owners.some((owner) => owner === signature.parent)) throw refuse('signature-invalid', 'a signature is where none belongs');
    // Some verifiers read only the text before a comment or a CDATA section; none is needed here.
    if (!signature.isPlain) throw refuse('signature-invalid', 'a signature contains a comment or a CDATA section');
    checkCertificate(signature, signer);
  }
  if (signatures.length !== signed.size) throw refuse('signature-invalid', 'an element is signed twice');
  checkIds(root);
}

/** True if an element has a signature of its own. */
export function isSigned(element: XmlElement): boolean {
  return elementsOf(element, SIGNATURE, 'Signature').length > 0;
}

/** Checks a certificate in a signature. It only reveals a new key earlier; the metadata alone determines the keys that may sign. */
function checkCertificate(signature: XmlElement, signer: SignerKeys): void {
  const named = descendantsOf(signature, SIGNATURE, 'X509Certificate').map((element) => Buffer.from(textOf(element), 'base64').toString('base64'));
  if (named.length > 0 && !signer.signingCertificates.some(({ base64 }) => named.includes(base64))) {
    throw refuse('signature-key-unknown', 'the signature names a certificate that is not in the metadata');
  }
}

/** Checks that no ID exists twice, which would make a reference ambiguous; verifiers accept all three spellings. */
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
