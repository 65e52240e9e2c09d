import { type Instant, LoginRefused } from '@tenure/domain';
import { ASSERTION, BEARER } from '../namespaces.ts';
import { attributeOf, elementsOf, type XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';
import { subjectsOf } from './subject-is-one.ts';
import { instantOf, outsideWindow } from './window.ts';

/** Checks that at least one bearer confirmation is valid (SAML profiles 4.1.4.2): for us, in time, answering our request. */
export function subjectIsConfirmed(message: SignedAssertion): LoginRefused | null {
  const verdicts = verdictsOn(message);
  if (verdicts.some((verdict) => !(verdict instanceof LoginRefused))) return null;
  const [first] = verdicts;
  return first instanceof LoginRefused ? first : refuse('subject-confirmation-missing', 'the assertion has no bearer confirmation');
}

/** Latest end of any valid confirmation: until then the assertion could be presented again. */
export function confirmedUntil(message: SignedAssertion): Instant | null {
  return (
    verdictsOn(message)
      .filter((verdict) => typeof verdict === 'string')
      .toSorted()
      .at(-1) ?? null
  );
}

function verdictsOn({ assertion, expected }: SignedAssertion): readonly (Instant | LoginRefused)[] {
  const confirmations = subjectsOf(assertion).flatMap((subject) => [...elementsOf(subject, ASSERTION, 'SubjectConfirmation')]);
  return confirmations.filter((element) => attributeOf(element, 'Method') === BEARER).map((bearer) => endOf(bearer, expected));
}

function endOf(bearer: XmlElement, expected: SignedAssertion['expected']): Instant | LoginRefused {
  const [data] = elementsOf(bearer, ASSERTION, 'SubjectConfirmationData');
  if (data === undefined) return refuse('subject-confirmation-missing', 'the bearer confirmation says nothing');
  if (attributeOf(data, 'Recipient') !== expected.recipient) return refuse('wrong-recipient', 'the assertion is for another recipient');
  if (attributeOf(data, 'InResponseTo') !== expected.inResponseTo) return refuse('in-response-to-mismatch', 'the assertion answers another request');
  try {
    const outside = outsideWindow(data, expected);
    return outside ?? instantOf(data, 'NotOnOrAfter') ?? refuse('subject-confirmation-missing', 'the bearer confirmation has no end');
  } catch (error) {
    // An unreadable confirmation does not affect the others.
    if (error instanceof LoginRefused) return error;
    throw error;
  }
}
