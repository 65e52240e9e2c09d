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

/** State that a decision carries over from the last one: when rules began and ceased to hold, and which relationships had begun. */
export interface Memory extends Pick<PolicyAnswer, 'activations' | 'endings'>, LastRelationships {
  /** Since when the person counts as idle; `null` or absent: was not watched. */
  readonly idleSince?: Instant | null;
}

/** Everything that the answer depends on. */
export interface AccessQuestion extends MergeInput {
  readonly policy: Policy;
  readonly memory: Memory;
  /** What the records come to, where that is known already: it depends on no policy. */
  readonly merged?: Identity;
  readonly exceptions: readonly SeparationException[];
  /** What was asked for and approved, with what it may be held beside. */
  readonly requests?: readonly RequestedAccess[];
  /** Entitlements that were seen in targets, though nothing that is known gives them. */
  readonly found?: readonly string[];
  /** True: the named sponsor, or a manager who is their deputy, is active or suspended; absent: not determined. */
  readonly sponsorLives?: boolean | undefined;
  /** When targets last saw the person, as they report it. */
  readonly reportedActivity?: readonly Instant[];
}

/** What is to be true of one person at `now`, and why. */
export interface AccessDecision {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  /** What is held or will be, without what separation of duties, or a fact that is missing, holds back now. */
  readonly grants: readonly Grant[];
  /** What separation of duties holds back, and by which rule. */
  readonly violations: readonly SeparationViolation[];
  /** What the lifecycle rule requires and nobody has said; `null`: nothing. */
  readonly missing: MissingFacts | null;
  /** The end that the sponsor is asked about now. */
  readonly ending: ContractEnding | null;
  /** Approved items that policy would not let be asked for any more, and nobody has decided to keep: they stay until somebody drops them. */
  readonly questionable: readonly RequestedAccess[];
  /** When a login or a target last showed the person; `null`: never yet. */
  readonly lastActivityAt: Instant | null;
  readonly memory: Memory;
  /** Rules that could not be evaluated. */
  readonly problems: PolicyAnswer['problems'];
  /** When the answer next changes though no fact does. */
  readonly nextWakeUp: Instant | null;
}

/** Decision about a person, from facts to grants. The same question gives the same answer, whoever asks: an identity lifecycle, a plan, a simulation. */
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
  // What is held back counts too: it comes when what it conflicts with is over.
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

/** An operator who says anything but an end, such as one that is taken back, vouches for the person. */
function signsOfLife({ records, logins = [], reportedActivity = [] }: AccessQuestion): SignOfLife[] {
  return [
    ...records.flatMap(({ source, status, recordedAt: at }): SignOfLife[] => {
      if (source === OPERATOR_SOURCE) return status === null ? [{ at, by: 'operator' }] : [];
      return logins.includes(source) ? [{ at, by: 'login' }] : [];
    }),
    ...reportedActivity.map((at): SignOfLife => ({ at, by: 'target' })),
  ];
}

/** What the policy does not know any more gives nothing, and allows nothing beside it. */
function isKnown({ document }: Policy, { kind, name }: RequestedAccess): boolean {
  return Object.hasOwn(kind === 'role' ? document.roles : document.entitlements, name);
}

/** An exception holds exactly as long as the item that it was asked with. */
function exceptionsOf({ exceptions, validFrom, validUntil }: RequestedAccess): SeparationException[] {
  return exceptions.map(({ rule, names }) => ({ rule, names, validFrom, validUntil }));
}

function isInForce({ validFrom, validUntil }: RequestedAccess, now: Instant): boolean {
  return validFrom <= now && now < validUntil;
}

function isAllowed(policy: Policy, identity: Identity, item: RequestedAccess): boolean {
  return typeof mayAsk(policy, identity, item) !== 'string';
}
