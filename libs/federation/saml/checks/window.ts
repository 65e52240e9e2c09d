import type { Instant, LoginRefused } from '@tenure/domain';
import { attributeOf, type XmlElement } from '../parse-xml.ts';
import { readInstant } from '../read-instant.ts';
import { refuse } from '../refusal.ts';
import type { Expectations } from './signed-message.ts';

/** Checks the time window: NotBefore is inclusive, NotOnOrAfter exclusive, both with the skew. @throws LoginRefused for an invalid date and time */
export function outsideWindow(element: XmlElement, { now, clockSkew }: Pick<Expectations, 'now' | 'clockSkew'>): LoginRefused | null {
  const notBefore = instantOf(element, 'NotBefore');
  const notOnOrAfter = instantOf(element, 'NotOnOrAfter');
  if (notBefore !== null && notBefore > shift(now, clockSkew)) return refuse('assertion-not-yet-valid', `the assertion is valid from ${notBefore}`);
  if (notOnOrAfter !== null && notOnOrAfter <= shift(now, -clockSkew)) return refuse('assertion-expired', `the assertion was valid until ${notOnOrAfter}`);
  return null;
}

/** Instant of an attribute; `null`: it is absent. @throws LoginRefused for an invalid date and time */
export function instantOf(element: XmlElement, name: string): Instant | null {
  const text = attributeOf(element, name);
  if (text === null) return null;
  const instant = readInstant(text);
  if (instant === null) throw refuse('malformed', `${name} is no date and time`);
  return instant;
}

/** Instant these milliseconds later. */
export function shift(instant: Instant, milliseconds: number): Instant {
  return new Date(Date.parse(instant) + milliseconds).toISOString();
}
