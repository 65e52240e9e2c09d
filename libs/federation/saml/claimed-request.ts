import { ASSERTION } from './namespaces.ts';
import { attributeOf, descendantsOf, parseXml, XmlRefused } from './parse-xml.ts';
import { decodeResponse } from './read-response.ts';
import { refuse } from './refusal.ts';

/**
 * The request that a SAML response claims to answer, read without trust: it only chooses the request that the verified assertion
 * is then held against. `null`: it names none.
 * @param samlResponse the form field, base64
 * @throws LoginRefused when it cannot be read at all
 */
export function claimedRequest(samlResponse: string): string | null {
  try {
    const response = parseXml(decodeResponse(samlResponse));
    const confirmations = descendantsOf(response, ASSERTION, 'SubjectConfirmationData');
    return [...confirmations, response].map((element) => attributeOf(element, 'InResponseTo')).find((id) => id !== null && id !== '') ?? null;
  } catch (error) {
    throw error instanceof XmlRefused ? refuse(error.problem, error.message) : error;
  }
}
