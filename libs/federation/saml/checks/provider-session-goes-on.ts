import type { Instant, LoginRefused } from '@tenure/domain';
import type { XmlElement } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import { statementsOf } from './authentication-is-stated.ts';
import type { SignedAssertion } from './signed-message.ts';
import { instantOf, shift } from './window.ts';

/** Checks that the provider's session has not ended (SAML core 2.7.2). */
export function providerSessionGoesOn({ assertion, expected: { now, clockSkew } }: SignedAssertion): LoginRefused | null {
  const end = sessionEndOf(assertion);
  return end === null || end > shift(now, -clockSkew) ? null : refuse('session-expired', 'the session at the provider has expired');
}

/** Earliest end of the provider's sessions, which limits Tenure's; `null`: none is stated. */
export function sessionEndOf(assertion: XmlElement): Instant | null {
  const [end = null] = statementsOf(assertion)
    .flatMap((one) => instantOf(one, 'SessionNotOnOrAfter') ?? [])
    .toSorted();
  return end;
}
