import { LoginRefused } from '@tenure/domain';
import type { Answered } from './answered.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Milliseconds by which the clock of an OpenID provider may differ; a SAML provider's entry sets its own. `auth_time` is in whole seconds. */
const TOLERANCE = 30_000;

/** Refuses an answer from an old session of the provider where a new authentication was demanded. */
export function authenticationIsFresh({ login, answered }: Answered): Refusal | null {
  const demands = answered.request?.demands ?? null;
  if (demands === null || !demands.force) return null;
  const { authenticatedAt = null } = login.source ?? {};
  const earliest = Date.parse(demands.begunAt) - (login.provider.clockSkew ?? TOLERANCE);
  if (authenticatedAt !== null && Date.parse(authenticatedAt) >= earliest) return null;
  const message =
    authenticatedAt === null
      ? 'a new authentication was demanded, and the provider does not state when the person authenticated'
      : 'a new authentication was demanded, and the person authenticated before the login was begun';
  return refuse(new LoginRefused('authentication-too-old', message));
}
