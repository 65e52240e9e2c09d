import type { Configuration } from '@tenure/config';
import { type AccessDecision, type AccessQuestion, desiredAccounts, type DesiredAccount, type Instant, type Policy, reportedActivity } from '@tenure/domain';
import type { AccountsThatMatter, Person, PersonToAsk } from '@tenure/store';
import { foundInTargets } from './found-in-targets.ts';
import type { DecisionContext } from '../policy/policy-in-force.ts';
import { requestedAccess } from '../requests/requested-access.ts';
import { authoritativeSources, loginSources, trustBySource } from '../intake/settings-of-source.ts';

/**
 * Question about a person that decisions, simulations, plans and requests share. So all of them have the same input, and a simulation without
 * assumptions gives the result of a decision.
 * @param sponsorLives see `AccessQuestion`
 */
export function questionOf(person: PersonToAsk, policy: Policy, configuration: Configuration, now: Instant, sponsorLives?: boolean): AccessQuestion {
  const { id, userName, userType, createdAt, activations, endings, idleSince, relationships, decidedAt } = person.identity;
  return {
    id,
    userName,
    userType,
    createdAt,
    records: person.records,
    precedence: configuration.precedence,
    authoritative: authoritativeSources(configuration),
    logins: loginSources(configuration),
    reportedActivity: activityReportedBy(configuration, person.accounts),
    now,
    timeZone: configuration.timeZone,
    policy,
    memory: { activations, endings, idleSince, relationships, decidedAt },
    exceptions: person.exceptions,
    requests: requestedAccess(person.requested),
    found: foundInTargets(person, policy, now),
    sponsorLives,
  };
}

/** Accounts on which the question depends under these policies: entitlements of SoD rules that were found there, and activity that targets report. */
export function accountsThatMatter({ targets }: Configuration, policies: readonly Policy[]): AccountsThatMatter {
  const entitlements = policies.flatMap(({ document }) =>
    document.separation.flatMap(({ conflicting }) => conflicting.flat()).flatMap((name) => document.entitlements[name]?.value ?? []),
  );
  const reporting = Object.values(targets).filter(({ lastActivity }) => lastActivity !== undefined);
  return { entitlements: [...new Set(entitlements)].sort(), targets: reporting.map(({ name }) => name) };
}

/** Accounts that follow from a decision about a person. */
export function accountsOf(
  { records, accounts }: Pick<Person, 'records' | 'accounts'>,
  { identity, lifecycle, grants }: Pick<AccessDecision, 'identity' | 'lifecycle' | 'grants'>,
  policy: Policy,
  { configuration, mappings }: DecisionContext,
  now: Instant,
): DesiredAccount[] {
  const existing = accounts.map(({ target, existed, everEnabled, nativeId, desired }) => ({
    target,
    everExisted: existed,
    everEnabled,
    found: nativeId === null ? null : desired,
  }));
  return desiredAccounts({ identity, lifecycle, grants, policy, mappings, existing, vouching: { records, trust: trustBySource(configuration) }, now });
}

/** Instants of the person's last activity in targets that report it. */
function activityReportedBy({ targets }: Configuration, accounts: PersonToAsk['accounts']): readonly Instant[] {
  return accounts.flatMap(({ target, observed, observedAt }) => {
    const { lastActivity } = targets[target] ?? {};
    return lastActivity === undefined ? [] : (reportedActivity(observed, lastActivity, observedAt) ?? []);
  });
}
