import type { EntryDecision, Grant, Instant, Policy, CompiledApplication } from '@tenure/domain';
import type { ApplicationUse, StoredIdentity } from '@tenure/store';
import { entryDecision } from './entry-decision.ts';

/** An application as one person may use it. */
export interface PersonsApplication {
  /** Name of the application. */
  readonly application: string;
  /** Decision about an entry now, with its justification. */
  readonly decision: EntryDecision;
  /** Begin of the access by entitlements; `null`: the person has none, or a rule decides. */
  readonly since: Instant | null;
  /** Known end of the access; `null`: none is known, or there is no access. */
  readonly until: Instant | null;
  /** Last entry; `null`: never. */
  readonly lastUsedAt: Instant | null;
}

/** Shows an application to a person. @param uses of all applications by the person */
export function viewApplication(
  application: CompiledApplication,
  identity: StoredIdentity,
  grants: readonly Grant[],
  uses: readonly ApplicationUse[],
  policy: Policy,
  now: Instant,
): PersonsApplication {
  const decision = entryDecision(application, identity, grants, policy, now);
  const by = decision.mayEnter ? decision.by : [];
  const letting = grants.filter(({ kind, name }) => kind === 'entitlement' && by.includes(name));
  const next = identity.lifecycle?.next ?? null;
  const ends = letting.map(({ validUntil }) => validUntil);
  const known = [
    ...(next !== null && next.state !== 'active' ? [next.at] : []),
    ...(ends.length === 0 || ends.includes(null)
      ? []
      : ends
          .flatMap((end) => end ?? [])
          .toSorted()
          .slice(-1)),
  ];
  return {
    application: application.name,
    decision,
    since: letting.map(({ validFrom }) => validFrom).toSorted()[0] ?? null,
    until: decision.mayEnter ? (known.toSorted()[0] ?? null) : null,
    lastUsedAt:
      uses
        .filter((use) => use.application === application.name)
        .map(({ lastAt }) => lastAt)
        .toSorted()
        .at(-1) ?? null,
  };
}
