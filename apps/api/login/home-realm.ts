import type { ApplicationSettings, ProviderSettings } from '@tenure/config';

/** Facts by which the identity provider of a person is chosen who wants to log in. */
export interface RealmQuestion {
  readonly providers: readonly ProviderSettings[];
  /** Address that the person or the application stated; `null`: none. */
  readonly hint: string | null;
  /** Application that sends the person; `null`: none. */
  readonly application: Pick<ApplicationSettings, 'provider'> | null;
  /** Name of the provider of the last login in this browser; `null`: it is not known. */
  readonly lastUsed: string | null;
}

/**
 * Chooses the identity provider: the only one; by the domain of the stated address; the application's; the one of the last login in this browser.
 * @returns several providers where the person has to choose; empty: there is none
 */
export function homeRealm({ providers, hint, application, lastUsed }: RealmQuestion): readonly ProviderSettings[] {
  const domain = /^[^@\s]{1,64}@([^@\s]{1,255})$/.exec(hint ?? '')?.[1]?.toLowerCase();
  const byDomain =
    domain === undefined ? [] : providers.filter(({ domains = [], trustedEmailDomains }) => [...domains, ...trustedEmailDomains].includes(domain));
  // A domain that two providers share leaves the choice to what else is known.
  const candidates = byDomain.length > 0 ? byDomain : providers;
  const named = (name: string | null | undefined): readonly ProviderSettings[] => candidates.filter((one) => one.name === name);
  const [chosen] = candidates.length === 1 ? candidates : [...named(application?.provider), ...named(lastUsed)];
  return chosen === undefined ? candidates : [chosen];
}
