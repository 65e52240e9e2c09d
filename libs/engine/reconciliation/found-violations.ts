import { decideAccess, type Difference, mergeFacts, type Policy } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { notBefore } from '../decide/not-before.ts';
import { questionOf } from '../decide/question-of.ts';
import { demandedSponsor, livingSponsors } from '../sponsors/living-sponsors.ts';

/** Access of a person that a run has found outside policy. */
export interface FoundAccess {
  readonly identityId: string;
  /** Names of the groups in the target. */
  readonly names: readonly string[];
}

/** Findings about SoD rules that people violate with access that a run has found: one for each person and rule. Decided as by a decision, and not stored. */
export async function foundViolations(
  tx: Transaction,
  { configuration }: Pick<Engine, 'configuration'>,
  policy: Policy,
  target: string,
  access: readonly FoundAccess[],
): Promise<readonly Difference[]> {
  const ruled = new Set(policy.document.separation.flatMap(({ conflicting }) => conflicting.flat()));
  const entitlements = Object.values(policy.document.entitlements).filter((one) => one.target === target && ruled.has(one.name));
  const seen = new Map(
    access.map(({ identityId, names }) => [identityId, entitlements.flatMap(({ name, value }) => (value !== null && names.includes(value) ? [name] : []))]),
  );
  const ids = [...seen].flatMap(([id, names]) => (names.length > 0 ? [id] : []));
  if (ids.length === 0) return [];
  const asked = (await tx.people.read(ids)).map((person) => questionOf(person, policy, configuration, notBefore(tx.context.now, person.identity.decidedAt)));
  const lives =
    demandedSponsor(policy) === null
      ? new Map<string, boolean>()
      : await livingSponsors(
          tx,
          configuration,
          policy,
          asked.map((question) => mergeFacts(question)),
        );
  return asked.flatMap((question) => {
    const names = seen.get(question.id) ?? [];
    const found = [...new Set([...(question.found ?? []), ...names])];
    const { violations } = decideAccess({ ...question, found, sponsorLives: lives.get(question.id) });
    return violations
      .filter((violation) => violation.found?.some((name) => names.includes(name)) === true)
      .map((violation): Difference => violationOf(question.id, violation));
  });
}

function violationOf(
  identityId: string,
  { rule, names, found = [] }: { readonly rule: string; readonly names: readonly string[]; readonly found?: readonly string[] },
): Difference {
  return {
    kind: 'separation-violation',
    subject: identityId,
    name: rule,
    identityId,
    accountId: null,
    nativeId: null,
    userName: null,
    isUrgent: false,
    isProven: true,
    evidence: { names, found, seenBy: 'listing' },
  };
}
