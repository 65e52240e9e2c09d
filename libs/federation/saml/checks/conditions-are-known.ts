import type { LoginRefused } from '@tenure/domain';
import { ASSERTION } from '../namespaces.ts';
import { elementsOf } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import { conditionsOf } from './conditions-are-in-time.ts';
import type { SignedAssertion } from './signed-message.ts';

/** Checks that all conditions are known: one that cannot be evaluated makes the assertion invalid (SAML core 2.5.1.1). */
export function conditionsAreKnown({ assertion }: SignedAssertion): LoginRefused | null {
  const conditions = conditionsOf(assertion).flatMap((one) => [...elementsOf(one)]);
  const isKnown = conditions.every(({ namespace, name }) => namespace === ASSERTION && KNOWN.includes(name));
  return isKnown ? null : refuse('condition-unknown', 'the assertion has a condition that Tenure cannot evaluate');
}

const KNOWN: readonly string[] = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
