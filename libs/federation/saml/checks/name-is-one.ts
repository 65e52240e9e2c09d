import type { LoginRefused } from '@tenure/domain';
import { ASSERTION } from '../namespaces.ts';
import { elementsOf, textOf, type XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';
import { subjectsOf } from './subject-is-one.ts';

/** Checks that the subject has one name, in plain text (SAML core 2.2.3). */
export function nameIsOne({ assertion }: SignedAssertion): LoginRefused | null {
  const subjects = subjectsOf(assertion);
  if (subjects.some((subject) => elementsOf(subject, ASSERTION, 'EncryptedID').length > 0))
    return refuse('encrypted-unsupported', 'encrypted names are not supported');
  const [name, ...more] = namesOf(assertion);
  return name !== undefined && more.length === 0 && textOf(name).trim() !== '' ? null : refuse('subject-missing', 'the assertion does not name one subject');
}

export function namesOf(assertion: XmlElement): readonly XmlElement[] {
  return subjectsOf(assertion).flatMap((subject) => [...elementsOf(subject, ASSERTION, 'NameID')]);
}
