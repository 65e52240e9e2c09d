import { InputInvalid, ruleYaml, type SharedCondition, type SharedFacts, sharedConditions } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** A rule that would justify access that was found; nothing applies it. */
export interface RuleProposal {
  /** YAML of a birthright rule; `null`: the people share no attribute that does not name one of them. */
  readonly yaml: string | null;
  /** Entitlement of the policy that it gives. */
  readonly entitlement: string;
  readonly conditions: readonly SharedCondition[];
  /** Number of people with the found access. */
  readonly people: number;
  /** Number of other active people who would get the entitlement by the rule and do not have it. */
  readonly others: number;
  /** Ids of some of them. */
  readonly examples: readonly string[];
}

const mostExamples = 20;
/** Attributes that identify a person, besides the correlation keys of the sources. */
const ofPersons = ['displayName', 'givenName', 'familyName', 'email', 'userName', 'employeeNumber', 'manager', 'sponsor'];

/**
 * Proposes a rule of the policy from what the people with found access have in common: as few conditions as make it exact, or as exact as they can be.
 * @throws InputInvalid when these are not findings of one group
 */
export async function proposeRule(
  tx: Transaction,
  engine: Engine,
  scope: { readonly findingIds: readonly string[] } | { readonly target: string; readonly name: string },
): Promise<RuleProposal> {
  const kind = 'entitlement-outside-policy';
  const findings = 'findingIds' in scope ? await tx.findings.openOf(scope.findingIds) : await tx.findings.openOfKind(scope.target, kind, scope.name);
  const [first] = findings;
  if (first === undefined) throw new InputInvalid('there is no open finding of access outside of policy (ENTITLEMENT_OUTSIDE_POLICY) among these');
  const { target, name } = first;
  if (findings.some((one) => one.kind !== kind || one.target !== target || one.name !== name))
    throw new InputInvalid('findingIds: these are not findings of one group in one target', { target, name });
  const { document } = await currentPolicy(tx, engine);
  const entitlement = Object.values(document.entitlements).find((one) => one.target === target && one.value === name)?.name;
  if (entitlement === undefined) throw new InputInvalid(`no entitlement of the policy in force gives ${name}: define one first`, { target, name });
  const ids = [...new Set(findings.flatMap(({ identityId }) => identityId ?? []))];
  const facts = await Promise.all(ids.map(async (id) => factsOf(await tx.identities.get(id))));
  const { attributes, sources } = engine.configuration;
  const keys = Object.values(sources).flatMap(({ correlate }) => correlate.map((one) => ('attribute' in one ? one.attribute : '')));
  const shared = sharedConditions(facts, ['userType', ...Object.keys(attributes)], new Set([...ofPersons, ...keys]));
  const common = { entitlement, people: ids.length };
  if (shared.length === 0) return { ...common, yaml: null, conditions: [], others: 0, examples: [] };
  const count = (conditions: readonly SharedCondition[]) => tx.identities.matching(conditions, { without: ids, entitlement, limit: mostExamples });
  let conditions = shared;
  let best = await count(shared);
  // Conditions that exclude nobody are left out.
  for (const one of shared) {
    const fewer = conditions.filter((other) => other !== one);
    const found = fewer.length === 0 ? null : await count(fewer);
    if (found === null || found.count > best.count) continue;
    conditions = fewer;
    best = found;
  }
  return { ...common, yaml: ruleYaml(entitlement, conditions), conditions, others: best.count, examples: best.ids };
}

function factsOf(person: Awaited<ReturnType<Transaction['identities']['get']>>): SharedFacts {
  if (person === null) return {};
  return { ...Object.fromEntries(Object.entries(person.attributes).map(([name, { value }]) => [name, value])), userType: person.userType };
}
