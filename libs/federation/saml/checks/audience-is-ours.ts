import type { LoginRefused } from '@tenure/domain';
import { ASSERTION } from '../namespaces.ts';
import { elementsOf, textOf, type XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import { conditionsOf } from './conditions-are-in-time.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks the audience: all restrictions must include ours; several audiences in one are alternatives (SAML core 2.5.1.4, profiles 4.1.4.3). */
export function audienceIsOurs({ assertion, expected: { audience } }: SignedAssertion): LoginRefused | null {
  const restrictions = conditionsOf(assertion).flatMap((one) => [...elementsOf(one, ASSERTION, 'AudienceRestriction')]);
  const isOurs = (restriction: XmlElement): boolean => elementsOf(restriction, ASSERTION, 'Audience').some((element) => textOf(element) === audience);
  return restrictions.length > 0 && restrictions.every(isOurs) ? null : refuse('wrong-audience', 'the assertion is for another audience');
}
