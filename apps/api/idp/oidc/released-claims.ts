import type { OidcApplicationSettings } from '@tenure/config';

/** Claims of the standard scopes (OpenID Connect Core section 5.4). */
const STANDARD_SCOPES: Readonly<Record<string, readonly string[]>> = {
  profile: [
    ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website'],
    ...['gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
};

/** Scopes that are known. */
export const SCOPES: readonly string[] = ['openid', 'offline_access', 'groups', ...Object.keys(STANDARD_SCOPES)];

/**
 * Claims by scope. Claims of a standard scope are released with it; all others that an application's entry names, and its groups, with `openid`, since
 * the entry has decided what the application receives.
 */
export function claimsByScope(applications: readonly OidcApplicationSettings[]): Record<string, string[]> {
  const standard = new Set(Object.values(STANDARD_SCOPES).flat());
  const own = applications.flatMap(({ attributes }) => Object.keys(attributes)).filter((claim) => !standard.has(claim));
  return {
    openid: [...new Set(['sub', 'auth_time', 'acr', 'groups', ...own])],
    groups: ['groups'],
    ...Object.fromEntries(Object.entries(STANDARD_SCOPES).map(([scope, claims]) => [scope, [...claims]])),
  };
}
