import type { Instant } from '@tenure/domain';
import { type ContextDemand, satisfiesContext, type StatusCode } from '@tenure/federation';
import type { Session } from '@tenure/store';
import { CLOCK_SKEW } from './clock-skew.ts';

/** Demands of an application on the login that it waits for. */
export interface EntryDemands {
  /** Address of the response. */
  readonly acsUrl: string;
  /** Returned as it came; `null`: none. */
  readonly relayState: string | null;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly context: ContextDemand | null;
  readonly nameIdFormat: string | null;
  readonly allowCreate: boolean;
  /** NameID of the person whom it expects; `null`: anybody. */
  readonly subject: string | null;
}

export type NextStep =
  | { readonly kind: 'enter' }
  | { readonly kind: 'refuse'; readonly status: Exclude<StatusCode, 'success'> }
  /** The person proves anew who they are. */
  | { readonly kind: 'login'; readonly parameters: Readonly<Record<string, string>> };

type Facts = Pick<Session, 'createdAt' | 'authenticatedAt' | 'acr'>;

export interface WaitingRequest {
  readonly demands: EntryDemands;
  /** When Tenure received the request. */
  readonly receivedAt: Instant;
  /** Times that the person was sent to a login for it. */
  readonly asked: number;
  /** NameID format that the application gets. */
  readonly nameIdFormat: string;
  /** Session of the browser; `null`: none. */
  readonly session: Facts | null;
}

/** Most logins for one request: a person who chooses another provider twice is served, a circle is not. */
const MOST_LOGINS = 3;

/** Decides how a request for a login goes on: never in a circle, and never with less than what was demanded (SAML core 3.4.1). */
export function nextStep({ demands, receivedAt, asked, nameIdFormat, session }: WaitingRequest): NextStep {
  if (demands.nameIdFormat !== null && demands.nameIdFormat !== nameIdFormat) return { kind: 'refuse', status: 'invalid-name-id-policy' };
  if (session !== null && satisfies(session, demands, receivedAt)) return { kind: 'enter' };
  if (demands.isPassive && asked > 0) return { kind: 'refuse', status: 'no-passive' };
  // The source was asked for what the application demands, and its answer does not say it.
  if (session !== null && asked > 0 && session.createdAt >= receivedAt) return { kind: 'refuse', status: 'no-authn-context' };
  if (asked >= MOST_LOGINS) return { kind: 'refuse', status: session === null ? 'authn-failed' : 'no-authn-context' };
  return { kind: 'login', parameters: loginParameters(demands, session) };
}

/** True if a session's authentication is what an application demands. */
function satisfies({ createdAt, authenticatedAt, acr }: Facts, { forceAuthn, context }: EntryDemands, receivedAt: Instant): boolean {
  if (context !== null && !satisfiesContext(acr, context)) return false;
  if (!forceAuthn) return true;
  // Our clock says that the login came after the request; the source's clock, which may differ, that the person was asked then.
  return createdAt >= receivedAt && authenticatedAt !== null && Date.parse(authenticatedAt) >= Date.parse(receivedAt) - CLOCK_SKEW;
}

/** Parameters of `/login` that hand the demands on to the source. */
function loginParameters({ forceAuthn, isPassive, context, subject }: EntryDemands, session: Facts | null): Readonly<Record<string, string>> {
  const isListed = context !== null && (context.comparison === 'exact' || context.comparison === 'minimum');
  // A session that does not suffice is not gone on with: without contexts to name, only a new authentication can help.
  const force = forceAuthn || (session !== null && !isListed);
  return {
    ...(force ? { force: 'true' } : {}),
    ...(isListed ? { acr: context.classes.filter((name) => !/\s/.test(name)).join(' ') } : {}),
    ...(isPassive ? { passive: 'true' } : {}),
    ...(subject?.includes('@') ? { hint: subject } : {}),
  };
}
