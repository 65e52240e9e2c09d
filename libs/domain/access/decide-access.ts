import { checkSeparationOfDuties, type SeparationException, type SeparationViolation } from '../separation/check-separation-of-duties.ts';
import type { Policy } from '../policy/compile-policy.ts';
import type { LastRelationships } from '../identity/contradiction.ts';
import { type ContractEnding, contractEnding } from '../lifecycle/contract-ending.ts';
import { deriveLifecycle } from '../lifecycle/derive-lifecycle.ts';
import { type EndedWith, isSameTime } from '../lifecycle/ended-with.ts';
import { evaluatePolicy, type PolicyAnswer } from '../policy/evaluate-policy.ts';
import { type Identity, type Instant, OPERATOR_SOURCE } from '../identity/facts.ts';
import type { SignOfLife } from '../lifecycle/inactivity.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { type MergeInput, mergeFacts } from '../identity/merge-facts.ts';
import { type MissingFacts, missingFacts } from '../identity/missing-facts.ts';
import { nextWakeUp } from '../lifecycle/next-wake-up.ts';
import type { Grant } from '../policy/policy.ts';
import { mayAsk } from '../requests/may-ask.ts';
import type { RequestedAccess } from '../requests/requested-access.ts';

/** State that a decision carries over from the last one: when rules began and ceased to apply, and which relationships had begun. */
export interface Memory extends Pick<PolicyAnswer, 'activations' | 'endings'>, LastRelationships {
  /** Time since which the person counts as idle; `null` or absent: activity was not watched. */
  readonly idleSince?: Instant | null;
}

/** Complete input of a decision. */
export interface AccessQuestion extends MergeInput {
  readonly policy: Policy;
  readonly memory: Memory;
  /** Result of merging the records, if it is already known: it depends on no policy. */
  readonly merged?: Identity;
  readonly exceptions: readonly SeparationException[];
  /** Requested and approved access, with its SoD exceptions. */
  readonly requests?: readonly RequestedAccess[];
  /** Entitlements that were observed in targets without a grant. */
  readonly found?: readonly string[];
  /** True if the named sponsor, or a manager who is their deputy, is active or suspended; absent: not determined. */
  readonly sponsorLives?: boolean | undefined;
  /** Times of the last activity that targets report. */
  readonly reportedActivity?: readonly Instant[];
}

/** Decision about one person's access at `now`, with its reasons. */
export interface AccessDecision {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  /** Current and future grants, without those withheld now by separation of duties or because a fact is missing. */
  readonly grants: readonly Grant[];
  /** Grants that separation of duties withholds, and by which rule. */
  readonly violations: readonly SeparationViolation[];
  /** Facts that the lifecycle rule requires and no source has stated; `null`: none is missing. */
  readonly missing: MissingFacts | null;
  /** End of a contract that the sponsor must decide about now; `null`: none. */
  readonly ending: ContractEnding | null;
  /** Approved items that policy no longer lets the person request, and that nobody has decided to keep. They stay until somebody revokes them. */
  readonly questionable: readonly RequestedAccess[];
  /** Time of the last activity, from logins and targets; `null`: none yet. */
  readonly lastActivityAt: Instant | null;
  readonly memory: Memory;
  /** Problems of rules that could not be evaluated. */
  readonly problems: PolicyAnswer['problems'];
  /** Time at which the decision next changes without a change of facts; `null`: never. */
  readonly nextWakeUp: Instant | null;
}

/** Decides a person's access, from facts to grants. Pure: an identity lifecycle, a plan and a simulation get the same answer to the same question. */
export function decideAccess(question: AccessQuestion): AccessDecision {
  const { policy, now } = question;
  const { activations: since, endings: until } = question.memory;
  const identity = question.merged ?? mergeFacts(question);
  const holds = ({ endedWith = null }: { readonly endedWith?: EndedWith | null }): boolean => endedWith === null || isSameTime(identity, endedWith, now);
  const requests = (question.requests ?? []).filter(holds);
  const exceptions = question.exceptions.filter(holds);
  const signs = signsOfLife(question);
  const lifecycle = deriveLifecycle({ identity, policy, watched: { signs, idleSince: question.memory.idleSince ?? null }, now });
  const { grants, activations, endings, problems, changesAt } = evaluatePolicy({
    identity,
    lifecycle,
    policy,
    activations: since,
    endings: until,
    requests,
    now,
  });
  const excepted = [...exceptions, ...requests.filter((item) => isKnown(policy, item)).flatMap(exceptionsOf)];
  const separated = checkSeparationOfDuties({ identity, grants, policy, exceptions: excepted, found: question.found ?? [], now });
  const questionable = requests
    .filter(
      (item) =>
        lifecycle.state === 'active' && item.keptAt === null && item.isBreakGlass !== true && isInForce(item, now) && !isAllowed(policy, identity, item),
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  // Withheld grants count too: they begin when the grants that they conflict with end.
  const ending = contractEnding({ identity, lifecycle, policy, now });
  const asks = [ending?.askAt ?? null, lifecycle.inactivity?.warnAt ?? null, ...exceptions.flatMap(({ validFrom, validUntil }) => [validFrom, validUntil])];
  const ahead = nextWakeUp({ identity, lifecycle, grants, now, changesAt, asks });
  const missing = missingFacts({ identity, lifecycle, policy, sponsorLives: question.sponsorLives, now });
  const { grants: held, violations } = missing?.isHeld === true ? { grants: [], violations: [] } : separated;
  return {
    identity,
    lifecycle,
    grants: held,
    violations,
    missing,
    ending: ending !== null && ending.askAt <= now ? ending : null,
    questionable,
    lastActivityAt: signs.filter(({ by }) => by !== 'operator').reduce<Instant | null>((last, { at }) => (last === null || at > last ? at : last), null),
    memory: { activations, endings, idleSince: lifecycle.inactivity?.idleSince ?? null, relationships: identity.relationships, decidedAt: now },
    problems,
    nextWakeUp: ahead,
  };
}

/** Returns the signs of activity. An operator's record that states no end, such as one that withdraws an end, vouches for the person. */
function signsOfLife({ records, logins = [], reportedActivity = [] }: AccessQuestion): SignOfLife[] {
  return [
    ...records.flatMap(({ source, status, recordedAt: at }): SignOfLife[] => {
      if (source === OPERATOR_SOURCE) return status === null ? [{ at, by: 'operator' }] : [];
      return logins.includes(source) ? [{ at, by: 'login' }] : [];
    }),
    ...reportedActivity.map((at): SignOfLife => ({ at, by: 'target' })),
  ];
}

/** True if the policy still defines the item. Otherwise it grants nothing, and its SoD exceptions do not apply. */
function isKnown({ document }: Policy, { kind, name }: RequestedAccess): boolean {
  return Object.hasOwn(kind === 'role' ? document.roles : document.entitlements, name);
}

/** Returns the item's SoD exceptions, which are in force exactly as long as the item. */
function exceptionsOf({ exceptions, validFrom, validUntil }: RequestedAccess): SeparationException[] {
  return exceptions.map(({ rule, names }) => ({ rule, names, validFrom, validUntil }));
}

function isInForce({ validFrom, validUntil }: RequestedAccess, now: Instant): boolean {
  return validFrom <= now && now < validUntil;
}

function isAllowed(policy: Policy, identity: Identity, item: RequestedAccess): boolean {
  return typeof mayAsk(policy, identity, item) !== 'string';
}
