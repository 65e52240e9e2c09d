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

/** What is asked for, evaluated as if it were approved now. */
export interface RequestEvaluation {
  /** The rule by which it may be asked for; `null` with a reason. */
  readonly rule: RequestRule | null;
  /** `longer`: than the rule's `longest`; `held`: without end already. */
  readonly refusal: 'not-offered' | 'not-for-them' | 'not-active' | 'held' | 'longer' | null;
  /** Rules of separation that it would break at some instant of its time, with what would be held together. */
  readonly conflicts: readonly Omit<AskedException, 'control'>[];
}

/** @param question about the person as of now, without what is asked for */
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

/** Break-glass access, evaluated as if it were taken now. */
export interface BreakGlassEvaluation {
  readonly rule: BreakGlassRule | null;
  /** `held`: already, at least as long. */
  readonly refusal: RequestEvaluation['refusal'];
  /** Rules of separation that it breaks for its time: not asked about, written down. */
  readonly exceptions: readonly AskedException[];
}

/** @param question about the person as of now, without what is taken */
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
  // What was taken as break-glass access is not made longer by another one.
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

const asking = 'asking';

/** When something that is granted now for a time is over, by the person's own calendar. */
export function endOf(now: Instant, duration: string, timeZone: string): Instant {
  return addDuration(now, duration, timeZone);
}

/**
 * Two grants conflict only while both hold: so what is to come within the item's time is evaluated at the instant when it comes, and what an
 * exception allows at the instant when that is over.
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
      // What would be held back would not be given, also where it is held back already.
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
