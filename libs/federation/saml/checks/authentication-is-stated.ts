import type { LoginRefused } from '@tenure/domain';
import { ASSERTION } from '../namespaces.ts';
import { elementsOf, type XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks that there is at least one authentication statement (SAML profiles 4.1.4.2). */
export function authenticationIsStated({ assertion }: SignedAssertion): LoginRefused | null {
  return statementsOf(assertion).length > 0 ? null : refuse('malformed', 'the assertion says nothing of an authentication');
}

export function statementsOf(assertion: XmlElement): readonly XmlElement[] {
  return elementsOf(assertion, ASSERTION, 'AuthnStatement');
}
