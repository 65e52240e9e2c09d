import type { LoginRefused } from '@tenure/domain';
import { ASSERTION } from '../namespaces.ts';
import { elementsOf, type XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';
import { instantOf, outsideWindow } from './window.ts';

/** Checks that the assertion has conditions, once, and is valid now (SAML core 2.5.1). Its end is optional in SAML, but required here. */
export function conditionsAreInTime({ assertion, expected }: SignedAssertion): LoginRefused | null {
  const [conditions, ...more] = conditionsOf(assertion);
  if (more.length > 0) return refuse('malformed', 'the assertion has several Conditions');
  if (conditions === undefined) return refuse('wrong-audience', 'the assertion is for no named audience');
  return outsideWindow(conditions, expected) ?? (instantOf(conditions, 'NotOnOrAfter') === null ? refuse('malformed', 'the conditions have no end') : null);
}

export function conditionsOf(assertion: XmlElement): readonly XmlElement[] {
  return elementsOf(assertion, ASSERTION, 'Conditions');
}
