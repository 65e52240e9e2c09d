import type { CompiledRule } from './compile-policy.ts';
import { toInstant } from '../time/dates.ts';
import type { Instant } from '../identity/facts.ts';
import type { IdentityFacts } from '../identity/identity-facts.ts';

/**
 * Next instant at which the result of a rule's condition, which compares `now`, changes while the facts stay the same.
 * Between the instants with which it compares, its result cannot change.
 * @returns `null` if it never changes
 */
export function nextTurn({ when, turns }: CompiledRule, identity: IdentityFacts, now: Instant, holds: boolean): Instant | null {
  const candidates = turns.flatMap(({ at, after }) => {
    const result = at.evaluate({ identity });
    return result.kind === 'value' && result.value instanceof Date ? [toInstant(result.value.getTime() + Number(after))] : [];
  });
  const ahead = [...new Set(candidates)].filter((at) => at > now).sort();
  return (
    ahead.find((at) => {
      const result = when.evaluate({ identity, now: new Date(at) });
      return (result.kind === 'value' && result.value === true) !== holds;
    }) ?? null
  );
}
