import type { SeparationViolation } from '../separation/check-separation-of-duties.ts';
import type { Policy } from '../policy/compile-policy.ts';
import { addDuration } from '../time/dates.ts';
import { type AccessDecision, type AccessQuestion, decideAccess } from '../access/decide-access.ts';
import type { Instant } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { AskedException } from './asked-exception.ts';
import { type AccessName, mayAsk, mayBreakGlass } from './may-ask.ts';
import type { BreakGlassRule, RequestRule } from './request-policy.ts';
import type { RequestedAccess } from './requested-access.ts';

/** Evaluation of a request as if it were approved now. */
export interface RequestEvaluation {
  /** Rule by which it may be requested; `null`: none, see `refusal`. */
  readonly rule: RequestRule | null;
  /** Reason of a refusal; `longer`: longer than `longest` of the rule; `held`: the person already has it without end. `null`: not refused. */
  readonly refusal: 'not-offered' | 'not-for-them' | 'not-active' | 'held' | 'longer' | null;
  /** SoD rules that it would violate at some instant of its duration, with the grants that conflict. */
  readonly conflicts: readonly Omit<AskedException, 'control'>[];
}

/** Evaluates a request. @param question question about the person now, without the requested access */
export function evaluateRequest(
  question: AccessQuestion,
  asked: AccessName & { readonly duration: string | null },
  exceptions: readonly AskedException[],
): RequestEvaluation {
  const { policy, now } = question;
  const today = decideAccess(question);
  const rule = mayAsk(policy, today.identity, asked);
  if (typeof rule === 'string') return { rule: null, refusal: rule, conflicts: [] };
  const refused = (refusal: RequestEvaluation['refusal']): RequestEvaluation => ({ rule, refusal, conflicts: [] });
  if (today.lifecycle.state !== 'active') return refused('not-active');
  const held = grantsAt(today.grants, now).find(({ kind, name }) => kind === asked.kind && name === asked.name);
  if (held !== undefined && held.validUntil === null) return refused('held');
  const { timeZone } = today.identity;
  const validUntil = endOf(now, asked.duration ?? rule.longest, timeZone);
  if (validUntil > endOf(now, rule.longest, timeZone)) return refused('longer');
  const item: RequestedAccess = { id: asking, requestId: asking, ...asked, validFrom: now, validUntil, exceptions, keptAt: null };
  return { rule, refusal: null, conflicts: conflictsOf(question, today, item) };
}

/** Evaluation of break-glass access as if it were taken now. */
export interface BreakGlassEvaluation {
  readonly rule: BreakGlassRule | null;
  /** Reason of a refusal; `held`: the person already has it for at least as long. `null`: not refused. */
  readonly refusal: RequestEvaluation['refusal'];
  /** SoD rules that it violates for its duration. They are recorded, without an approval. */
  readonly exceptions: readonly AskedException[];
}

/** Evaluates break-glass access. @param question question about the person now, without that access */
export function evaluateBreakGlass(question: AccessQuestion, asked: AccessName & { readonly duration: string | null }): BreakGlassEvaluation {
  const { policy, now } = question;
  const today = decideAccess(question);
  const rule = mayBreakGlass(policy, today.identity, asked);
  if (typeof rule === 'string') return { rule: null, refusal: rule, exceptions: [] };
  const refused = (refusal: RequestEvaluation['refusal']): BreakGlassEvaluation => ({ rule, refusal, exceptions: [] });
  if (today.lifecycle.state !== 'active') return refused('not-active');
  const { timeZone } = today.identity;
  const validUntil = endOf(now, asked.duration ?? rule.longest, timeZone);
  if (validUntil > endOf(now, rule.longest, timeZone)) return refused('longer');
  const held = grantsAt(today.grants, now).find(({ kind, name }) => kind === asked.kind && name === asked.name);
  // Break-glass access in force is not extended by taking it again.
  const isRunning = held?.origins.some(({ kind, viaRole }) => kind === 'break-glass' && viaRole === null) ?? false;
  if (held !== undefined && (isRunning || held.validUntil === null || held.validUntil >= validUntil)) return refused('held');
  const exceptions: AskedException[] = [];
  for (;;) {
    const item = { id: asking, requestId: asking, ...asked, validFrom: now, validUntil, exceptions, keptAt: null, isBreakGlass: true };
    const [conflict] = conflictsOf(question, today, item);
    if (conflict === undefined) return { rule, refusal: null, exceptions };
    exceptions.push({ ...conflict, control: 'break-glass' });
  }
}

/** SoD rules that access violates which is found in a target and would be kept, as if it were not there yet. */
export function conflictsOfKept(question: AccessQuestion, item: RequestedAccess): readonly Omit<AskedException, 'control'>[] {
  const alone = { ...question, found: (question.found ?? []).filter((name) => name !== item.name) };
  return conflictsOf(alone, decideAccess(alone), item);
}

const asking = 'asking';

/** End of a grant that begins now, in the person's time zone. */
export function endOf(now: Instant, duration: string, timeZone: string): Instant {
  return addDuration(now, duration, timeZone);
}

/**
 * Returns the SoD conflicts of an item. Two grants conflict only while both are in force: future grants within the item's duration are therefore
 * evaluated at their start, and excepted conflicts at the end of the exception.
 */
function conflictsOf(question: AccessQuestion, today: AccessDecision, item: RequestedAccess): Omit<AskedException, 'control'>[] {
  const { requests = [], exceptions } = question;
  const found = new Map<string, Omit<AskedException, 'control'>>();
  const begins = today.grants.flatMap(({ origins }) => origins.map(({ validFrom }) => validFrom));
  const lapses = [...exceptions, ...requests.filter((one) => one.exceptions.length > 0)].flatMap(({ validUntil }) => validUntil ?? []);
  const given = namesGivenBy(question.policy, item);
  for (const now of new Set([item.validFrom, ...[...begins, ...lapses].filter((at) => at > item.validFrom && at < item.validUntil).sort()])) {
    const before = decideAccess({ ...question, now });
    const { violations } = decideAccess({ ...question, now, requests: [...requests, item] });
    for (const violation of violations) {
      const { rule, names, withheld } = violation;
      // A withheld name that the item grants is a conflict of the item, even if it is already withheld.
      const isOld = before.violations.some((one) => sameViolation(one, violation)) && !withheld.some((name) => given.includes(name));
      if (!isOld && !found.has(rule)) found.set(rule, { rule, names });
    }
  }
  return [...found.values()];
}

function sameViolation(a: SeparationViolation, b: SeparationViolation): boolean {
  const said = ({ rule, names, withheld, found = [] }: SeparationViolation): string => JSON.stringify([rule, names, withheld, found]);
  return said(a) === said(b);
}

function namesGivenBy({ document }: Policy, { kind, name }: AccessName): readonly string[] {
  return [name, ...((kind === 'role' ? document.roles[name]?.entitlements : undefined) ?? [])];
}
