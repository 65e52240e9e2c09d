import type { LoginRefused } from '@tenure/domain';
import { attributeOf } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks the version of the assertion (SAML core 2.3.3). */
export function versionIs2({ assertion }: SignedAssertion): LoginRefused | null {
  return attributeOf(assertion, 'Version') === '2.0' ? null : refuse('malformed', 'the assertion is not of SAML 2.0');
}
