import type { LoginDemands, LoginRefusal } from '@tenure/domain';

/**
 * Answer to an application whose login was refused: `no-passive`, interaction is needed; `no-authn-context`, a demand on the authentication is not
 * satisfied; `failed`, anything else.
 */
export type LoginFailure = 'no-passive' | 'no-authn-context' | 'failed';

const FAILURES: Readonly<Partial<Record<LoginRefusal, LoginFailure>>> = {
  'interaction-needed': 'no-passive',
  'authentication-too-old': 'no-authn-context',
  'context-unsatisfied': 'no-authn-context',
  'status-not-success': 'failed',
  'authorization-refused': 'failed',
};

/**
 * Failure that the application is told, whose request the login was begun for. `null`: the person sees it instead, with a reference. A login without
 * interaction never shows a page.
 */
export function failureFor(reason: LoginRefusal, demands: LoginDemands | null): LoginFailure | null {
  if (demands === null) return null;
  return FAILURES[reason] ?? (demands.passive ? 'failed' : null);
}

/** Address to which a refused login goes back. @param returnTo path of ours, as the application's part has begun it */
export function wayBack(returnTo: string, failure: LoginFailure): string {
  const url = new URL(returnTo, 'https://here.invalid');
  url.searchParams.set('error', failure);
  return `${url.pathname}${url.search}`;
}
