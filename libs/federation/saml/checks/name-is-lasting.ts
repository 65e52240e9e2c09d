import type { LoginRefused } from '@tenure/domain';
import { TRANSIENT_FORMAT } from '../namespaces.ts';
import { attributeOf } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import { namesOf } from './name-is-one.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks that the name is not transient: one that differs at each login would create a new person each time (SAML core 8.3.8). */
export function nameIsLasting({ assertion }: SignedAssertion): LoginRefused | null {
  const isTransient = namesOf(assertion).some((name) => attributeOf(name, 'Format')?.trim() === TRANSIENT_FORMAT);
  return isTransient
    ? refuse('transient-name-id', 'the name identifier is transient and identifies nobody at the next login: configure the provider to send a persistent one')
    : null;
}
