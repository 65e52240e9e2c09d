import { type XmlDocument, XmlElement as LibraryElement } from 'libxml2-wasm';
import { checkSignaturePlaces, isSigned } from './check-signatures.ts';
import { decryptAssertion } from './decrypt-assertion.ts';
import type { SamlDecryption } from './decryption-key.ts';
import { ASSERTION } from './namespaces.ts';
import { attributeOf, everythingIn, parseXml, readElement, withDocument, type XmlElement } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import { onlyAssertion, readResponse } from './read-response.ts';
import { refuse } from './refusal.ts';
import { checkSchema } from './saml-schema.ts';
import type { SignedPart } from './service-provider.ts';
import { verifySignature } from './verify-signature.ts';

interface Rules {
  readonly provider: SamlProviderMetadata;
  readonly signed: SignedPart;
  /** Key for an encrypted assertion; `null`: encrypted assertions are refused. */
  readonly decryption: SamlDecryption | null;
  /** Checks the response around the assertion, before any signature is computed. */
  readonly checkBeforeSignatures: (response: XmlElement) => void;
}

/**
 * Verifies the signatures of a response, and reads its assertion.
 * @param document the response as posted; its signatures are removed from it
 * @param response the root of the document as plain data
 * @returns the assertion, read from exactly the bytes that a digest covers
 * @throws LoginRefused
 */
export function signedAssertion(document: XmlDocument, response: XmlElement, rules: Rules): XmlElement {
  const { assertion, isEncrypted } = readResponse(response);
  if (isEncrypted && rules.decryption === null) throw refuse('encrypted-unsupported', 'encrypted assertions are not configured');
  if (rules.signed !== 'assertion' && !isSigned(response)) throw refuse('signature-missing', 'the response is not signed');
  if (!isEncrypted) requireSigned(assertion, rules);
  checkSignaturePlaces(response, isEncrypted ? [response] : [response, assertion], rules.provider);
  rules.checkBeforeSignatures(response);
  checkSchema(document);

  // The response first: its digest covers the assertion's signature, which is removed afterwards.
  const signedResponse = isSigned(response) ? parseXml(verifySignature({ document, element: document.root, data: response }, rules.provider)) : null;
  if (isEncrypted) return openAssertion(signedResponse === null ? assertion : onlyAssertion(signedResponse).assertion, rules);
  if (isSigned(assertion)) return readAssertion(document, elementAt(document, assertion), assertion, rules);
  if (signedResponse === null) throw refuse('signature-missing', 'neither response nor assertion is signed');
  return onlyAssertion(signedResponse).assertion;
}

/** Decrypts an assertion and verifies it as a document of its own, by the same rules. */
function openAssertion(encrypted: XmlElement, rules: Rules): XmlElement {
  if (rules.decryption === null) throw refuse('encrypted-unsupported', 'encrypted assertions are not configured');
  return withDocument(decryptAssertion(encrypted, rules.decryption.key), (document) => {
    const assertion = readElement(document.root);
    const assertions = everythingIn(assertion).filter(({ namespace, name }) => namespace === ASSERTION && /^(Encrypted)?Assertion$/.test(name));
    if (assertions.length !== 1 || assertions[0] !== assertion || assertion.name !== 'Assertion') {
      throw refuse('assertion-count', 'what was encrypted is not one assertion');
    }
    requireSigned(assertion, rules);
    checkSignaturePlaces(assertion, [assertion], rules.provider);
    checkSchema(document);
    return isSigned(assertion) ? readAssertion(document, document.root, assertion, rules) : assertion;
  });
}

function requireSigned(assertion: XmlElement, { signed }: Rules): void {
  if (signed !== 'response' && !isSigned(assertion)) throw refuse('signature-missing', 'the assertion is not signed');
}

function readAssertion(document: XmlDocument, element: LibraryElement, data: XmlElement, { provider }: Rules): XmlElement {
  const assertion = parseXml(verifySignature({ document, element, data }, provider));
  const same = assertion.name === 'Assertion' && assertion.namespace === ASSERTION && attributeOf(assertion, 'ID') === attributeOf(data, 'ID');
  if (!same) throw refuse('signature-invalid', 'what was signed is not the assertion');
  return assertion;
}

/** Child of the root that an element was read from. */
function elementAt({ root }: XmlDocument, { name, namespace }: XmlElement): LibraryElement {
  for (let node = root.firstChild; node !== null; node = node.next) {
    if (node instanceof LibraryElement && node.name === name && node.namespaceUri === namespace) return node;
  }
  throw refuse('assertion-count', 'the response has no assertion');
}
