import type { LoginRefused } from '@tenure/domain';
import { ASSERTION, ENTITY_FORMAT } from '../namespaces.ts';
import { attributeOf, elementsOf, textOf } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks that the assertion names one issuer, the provider's entity (SAML core 2.3.3 and 2.2.5). */
export function issuerIsProvider({ assertion, expected: { entityId } }: SignedAssertion): LoginRefused | null {
  const [issuer, ...more] = elementsOf(assertion, ASSERTION, 'Issuer');
  if (issuer === undefined || more.length > 0) return refuse('wrong-issuer', 'the assertion does not name one issuer');
  const format = attributeOf(issuer, 'Format') ?? ENTITY_FORMAT;
  return format === ENTITY_FORMAT && textOf(issuer) === entityId ? null : refuse('wrong-issuer', 'the assertion is from another issuer');
}
