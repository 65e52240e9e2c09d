import { accountValue } from '../accounts/account-mapping.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { AttributeValue, Identity, Instant } from '../identity/facts.ts';
import { identityFacts } from '../identity/identity-facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';
import type { Grant, PolicyDocument } from '../policy/policy.ts';
import type { CompiledApplication } from './compile-application.ts';

/** Input of a decision about a person who wants to enter an application. */
export interface EntryQuestion {
  readonly application: CompiledApplication;
  readonly identity: Identity;
  /** State at `now`. */
  readonly state: LifecycleState;
  /** When the person's access ends as far as is known; `null`: no end is known. */
  readonly endsAt: Instant | null;
  readonly grants: readonly Grant[];
  readonly policy: PolicyDocument;
  readonly now: Instant;
}

/** Code of the reason why somebody may not enter an application. */
export type EntryRefusal = 'not-active' | 'no-access' | 'no-email';

/** Claims about a person that an application receives. */
export interface ReleasedClaims {
  /** By claim; a claim without a value is absent. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Sorted. */
  readonly groups: readonly string[];
}

/** Decision about an entry, with its justification. */
export type EntryDecision =
  | {
      readonly mayEnter: true;
      /** Entitlements that let the person in, the names of the policy; empty: the rule of the application does. */
      readonly by: readonly string[];
      readonly claims: ReleasedClaims;
      /** Latest end of a session there: the end of the access, or of the session that the application may have. */
      readonly until: Instant;
    }
  | { readonly mayEnter: false; readonly reason: EntryRefusal };

/** Decides whether a person may enter an application now, until when, and which claims it receives. */
export function decideEntry({ application, identity, state, endsAt, grants, policy, now }: EntryQuestion): EntryDecision {
  if (state !== 'active') return { mayEnter: false, reason: 'not-active' };
  const current = grantsAt(grants, now);
  const entitlements = current.filter(({ kind }) => kind === 'entitlement');
  const own = entitlements.filter(({ name }) => isOf(application, policy.entitlements[name]?.target));
  const { mayUse } = application;
  const letting = mayUse === null ? own : 'entitlements' in mayUse ? entitlements.filter(({ name }) => mayUse.entitlements.includes(name)) : [];
  const facts = identityFacts(identity, application.schema);
  const isLetIn = application.when === null ? letting.length > 0 : isTrue(application.when.evaluate({ identity: facts }));
  if (!isLetIn) return { mayEnter: false, reason: 'no-access' };
  const claims = releasedClaims(application, facts, {
    entitlements: names(entitlements),
    roles: names(current.filter(({ kind }) => kind === 'role')),
    values: [...new Set(own.flatMap(({ name }) => policy.entitlements[name]?.value ?? []))].sort(),
  });
  if (application.subject === 'email' && identity.attributes['email'] === undefined) return { mayEnter: false, reason: 'no-email' };
  const longest = new Date(Date.parse(now) + application.session).toISOString();
  const ends = [longest, ...(endsAt === null ? [] : [endsAt]), ...(application.when === null ? lastEnd(letting) : [])];
  return { mayEnter: true, by: names(letting), claims, until: ends.toSorted()[0] ?? longest };
}

function isOf({ name, target }: CompiledApplication, of: string | undefined): boolean {
  return of !== undefined && (of === name || of === target);
}

/** End of the grant that lasts longest; empty: one has no end. */
function lastEnd(grants: readonly Grant[]): readonly Instant[] {
  const ends = grants.map(({ validUntil }) => validUntil);
  return ends.some((end) => end === null) ? [] : (ends as Instant[]).toSorted().slice(-1);
}

function names(grants: readonly Grant[]): readonly string[] {
  return grants.map(({ name }) => name).toSorted();
}

function isTrue(evaluated: { readonly kind: string; readonly value?: unknown }): boolean {
  return evaluated.kind === 'value' && evaluated.value === true;
}

function releasedClaims(
  { claims: expressions, groupsExpression }: CompiledApplication,
  identity: object,
  lists: Readonly<Record<'entitlements' | 'roles' | 'values', readonly string[]>>,
): ReleasedClaims {
  const variables = { identity, ...lists };
  const attributes: Record<string, AttributeValue> = {};
  for (const claim of Object.keys(expressions).sort()) {
    const result = expressions[claim]?.evaluate(variables);
    const value = result?.kind === 'value' ? accountValue(result.value) : undefined;
    if (value !== undefined) attributes[claim] = value;
  }
  if (groupsExpression === null) return { attributes, groups: lists.values };
  const result = groupsExpression.evaluate(variables);
  const groups = result.kind === 'value' && Array.isArray(result.value) ? result.value.filter((group) => typeof group === 'string') : [];
  return { attributes, groups: [...new Set(groups)].sort() };
}
