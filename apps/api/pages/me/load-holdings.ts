import { type Instant, TENURE_TARGET } from '@tenure/domain';
import { type AccountView, viewAccounts } from '../../graphql/accounts/view-accounts.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { viewGrants } from '../../graphql/grants/view-grants.ts';
import { createLoaders } from '../../server/loaders.ts';
import { displayName } from '../../graphql/identities/view-attributes.ts';

/** A person's grant, as their page shows it. */
export interface Holding {
  readonly title: string;
  readonly target: string | null;
  readonly where: string;
  readonly from: Instant;
  readonly until: Instant | null;
  readonly why: readonly string[];
}

export interface Holdings {
  readonly name: string;
  /** IANA name of where the person works. */
  readonly timeZone: string;
  readonly holdings: readonly Holding[];
  readonly accounts: readonly AccountView[];
  /** Names of Tenure and the applications, whose grants are used without an account that is provisioned. */
  readonly withoutAccounts: readonly string[];
}

/** Contents of a person's page; `null` when there is no such person. */
export async function loadHoldings({ store, clock, configuration }: ApiDependencies, identityId: string): Promise<Holdings | null> {
  const loaders = createLoaders(store, clock, null);
  // Read together, by one connection.
  const [identity, grants, accounts, modes] = await store.read((tx) =>
    Promise.all([tx.identities.get(identityId), tx.access.currentGrants([identityId]), tx.access.accountsOf([identityId]), tx.targetModes.all()]),
  );
  if (identity === null) return null;
  const views = await viewGrants(
    grants.filter(({ kind }) => kind === 'entitlement'),
    identity,
    clock(),
    loaders,
    configuration,
  );
  const holdings = views.map(({ title, target, targetTitle, validFrom, validUntil, origins }) => ({
    title,
    target,
    where: targetTitle ?? '',
    from: validFrom,
    until: validUntil,
    why: origins.map(({ sentence }) => sentence),
  }));
  return {
    name: displayName(identity),
    timeZone: identity.timeZone,
    holdings,
    accounts: viewAccounts(accounts, configuration, modes),
    withoutAccounts: [TENURE_TARGET, ...Object.keys(configuration.applications)],
  };
}

/** True if a grant there can be used: one without an account at once, others when the target was read back. */
export function isConfirmed(target: string | null, { accounts, withoutAccounts }: Pick<Holdings, 'accounts' | 'withoutAccounts'>): boolean {
  return target !== null && (withoutAccounts.includes(target) || accounts.some((account) => account.target === target && isSetUp(account)));
}

/** True: provisioning of the account is complete: it is confirmed, or the application cannot show all of it. */
export function isSetUp({ isConfirmed: confirmed, notVisibleAt }: Pick<AccountView, 'isConfirmed' | 'notVisibleAt'>): boolean {
  return confirmed || notVisibleAt !== null;
}

/** True: the application is only observed, so nothing is set up there by Tenure. */
export function isOnlyObserved(target: string | null, accounts: readonly Pick<AccountView, 'target' | 'status'>[]): boolean {
  return accounts.some((account) => account.target === target && account.status === 'observed-only');
}
