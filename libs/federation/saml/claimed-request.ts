import { ASSERTION } from './namespaces.ts';
import type { ParsedResponse } from './parse-response.ts';
import { attributeOf, descendantsOf } from './parse-xml.ts';

/**
 * Id of the request that a SAML response claims to answer. It is not trusted: it only selects the request that the verified assertion
 * is then compared with. `null`: the response names none.
 */
export function claimedRequest({ root }: ParsedResponse): string | null {
  const confirmations = descendantsOf(root, ASSERTION, 'SubjectConfirmationData');
  return [...confirmations, root].map((element) => attributeOf(element, 'InResponseTo')).find((id) => id !== null && id !== '') ?? null;
}
