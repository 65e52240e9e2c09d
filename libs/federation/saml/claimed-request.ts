import { ASSERTION } from './namespaces.ts';
import type { ParsedResponse } from './parse-response.ts';
import { attributeOf, descendantsOf } from './parse-xml.ts';

/**
 * The request that a SAML response claims to answer, read without trust: it only chooses the request that the verified assertion
 * is then held against. `null`: it names none.
 */
export function claimedRequest({ root }: ParsedResponse): string | null {
  const confirmations = descendantsOf(root, ASSERTION, 'SubjectConfirmationData');
  return [...confirmations, root].map((element) => attributeOf(element, 'InResponseTo')).find((id) => id !== null && id !== '') ?? null;
}
