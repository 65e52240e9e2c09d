import type { LoginRefused } from '@tenure/domain';
import { ASSERTION } from '../namespaces.ts';
import { elementsOf, type XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks that the assertion has one subject (SAML core 2.4.1). */
export function subjectIsOne({ assertion }: Pick<SignedAssertion, 'assertion'>): LoginRefused | null {
  return subjectsOf(assertion).length === 1 ? null : refuse('subject-missing', 'the assertion does not name one subject');
}

export function subjectsOf(assertion: XmlElement): readonly XmlElement[] {
  return elementsOf(assertion, ASSERTION, 'Subject');
}
