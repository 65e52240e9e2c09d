import type { Instant, LoginRefused } from '@tenure/domain';
import type { XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import { statementsOf } from './authentication-is-stated.ts';
import type { SignedAssertion } from './signed-message.ts';
import { instantOf, shift } from './window.ts';

/** The provider still holds the session that it speaks of (SAML core 2.7.2). */
export function providerSessionGoesOn({ assertion, expected: { now, clockSkew } }: SignedAssertion): LoginRefused | null {
  const end = sessionEndOf(assertion);
  return end === null || end > shift(now, -clockSkew) ? null : refuse('session-expired', 'the session at the provider has expired');
}

/** Of several sessions the one that ends first bounds ours; `null`: none says its end. */
export function sessionEndOf(assertion: XmlElement): Instant | null {
  const [end = null] = statementsOf(assertion)
    .flatMap((one) => instantOf(one, 'SessionNotOnOrAfter') ?? [])
    .toSorted();
  return end;
}
