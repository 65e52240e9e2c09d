import type { AccessDecision, NewCaseContent, Policy } from '@tenure/domain';
import type { CaseToOpen, ChangedCases } from './effects.ts';
import { nameIn } from '../intake/named-person.ts';

type Question = NewCaseContent & Pick<CaseToOpen, 'key' | 'deadline' | 'ownerNamed' | 'isSponsors'>;

/**
 * Cases that a decision opens, and those that need no answer any more since the last one.
 * @param known keys that the last decision raised
 * @returns `keys`: those that this one raises, sorted
 */
export function raiseQuestions(decision: AccessDecision, policy: Policy, known: readonly string[]): ChangedCases & { readonly keys: readonly string[] } {
  const identityId = decision.identity.id;
  const raised = [...questionsOf(decision, policy.version), ...aboutInactivity(decision, policy)];
  // Somebody has acknowledged the case before; that it still applies opens no new one.
  const isAsked = ({ kind, key }: Question): boolean => (kind === 'hire-called-off' || kind === 'end-before-start') && known.includes(key);
  const keys = raised.map(({ key }) => key).sort();
  return {
    opened: raised.filter((one) => !isAsked(one)).map((question) => ({ ...question, identityId, target: null, operationId: null })),
    answered: known.filter((one) => !keys.includes(one)),
    keys,
  };
}

function questionsOf({ identity, lifecycle, problems, violations, missing, ending, questionable }: AccessDecision, policyVersion: number): Question[] {
  const calledOff = lifecycle.accounts === 'absent-unless-used';
  return [
    ...problems.map(
      ({ rule, message }): Question => ({
        kind: 'policy-evaluation',
        key: `policy-evaluation/${identity.id}/${rule}`,
        evidence: { rule, message, policyVersion },
      }),
    ),
    ...violations.map(({ rule, names, withheld, found = [] }): Question => {
      const about = { rule, names, policyVersion };
      return withheld.length > 0
        ? { kind: 'separation-conflict', key: `separation-conflict/${identity.id}/${rule}`, evidence: { ...about, heldBack: withheld } }
        : { kind: 'separation-violation', key: `separation-violation/${identity.id}/${rule}`, evidence: { ...about, found } };
    }),
    ...(missing === null
      ? []
      : [
          {
            kind: 'facts-missing' as const,
            key: `facts-missing/${identity.id}`,
            evidence: { rule: missing.rule, missing: missing.names, isHeld: missing.isHeld, policyVersion },
          },
        ]),
    ...(ending === null
      ? []
      : [
          {
            kind: 'contract-ending' as const,
            key: `contract-ending/${identity.id}`,
            evidence: { rule: ending.rule, endsAt: ending.endsAt, latest: ending.latest, recordId: ending.recordId, policyVersion },
            deadline: ending.endsAt,
            isSponsors: true,
          },
        ]),
    ...questionable.map(
      ({ id, requestId, kind, name, validUntil }): Question => ({
        kind: 'requested-access-questionable',
        key: `requested-access-questionable/${id}`,
        evidence: { itemId: id, requestId, kind, name, validUntil, policyVersion },
      }),
    ),
    ...identity.relationships.flatMap(({ recordId = '', end, contradictedSince }): Question[] =>
      contradictedSince === undefined
        ? []
        : [
            {
              kind: 'end-before-start',
              key: `end-before-start/${identity.id}/${recordId}`,
              evidence: { recordId, since: contradictedSince, endsAt: end?.at ?? null },
            },
          ],
    ),
    ...(calledOff ? [{ kind: 'hire-called-off' as const, key: `hire-called-off/${identity.id}`, evidence: { why: lifecycle.why } }] : []),
  ];
}

/** Case about a person disabled for inactivity: their manager or sponsor may reactivate them, unless a login does. */
function aboutInactivity({ identity, lifecycle: { inactivity, rule } }: AccessDecision, { document, version: policyVersion }: Policy): Question[] {
  if (inactivity?.standing !== 'disabled' || inactivity.reactivate === 'login') return [];
  const { since, removeAt } = inactivity;
  const { manager, sponsor } = document.relations ?? {};
  const ownerNamed = (manager && nameIn(identity, manager)) ?? (sponsor && nameIn(identity, sponsor)) ?? null;
  return [{ kind: 'inactive', key: `inactive/${identity.id}`, evidence: { rule, since, removeAt, policyVersion }, ownerNamed }];
}
