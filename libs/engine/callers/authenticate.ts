import { rolesInTenure } from './roles-in-tenure.ts';
import type { Engine } from '../decide/engine.ts';
import { mayGoOn } from '../login/may-enter.ts';
import { type Instant, openedRoles } from '@tenure/domain';
import { endOf, isUseToNote, type ServiceToken, type Session, type Store, type Transaction } from '@tenure/store';
import { type Caller, type Role, roles } from './caller.ts';

/**
 * Returns the caller whose token it is, with the roles of this moment; `null` when the token is nobody's. Called at each request, so that withdrawn
 * rights take effect at once.
 * @param isUse false: the token is only checked, as for a running subscription, and this does not count as a use
 */
export type Authenticate = (token: string, isUse?: boolean) => Promise<Caller | null>;

export interface AuthenticateDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => Instant;
  /** Called when the use of a credential could not be stored; this refuses nobody. */
  readonly failed?: (error: unknown) => void;
}

export function createAuthenticate({ store, engine, clock, failed }: AuthenticateDependencies): Authenticate {
  return async (token, isUse = true) => {
    const now = clock();
    const found = await store.read((tx) => find(tx, engine, token, now));
    if (found === null) return null;
    const { caller, id, lastUsedAt } = found;
    if (isUse && isUseToNote(lastUsedAt, now))
      await store
        .transaction({ actor: { kind: 'system', id: 'api' }, correlationId: '', now }, (tx) => tx.sessions.noteUse(id, now))
        // A failed write refuses nobody: at worst a session expires sooner.
        .catch((error: unknown) => failed?.(error));
    return caller;
  };
}

interface Found {
  readonly caller: Caller;
  /** Id of the credential. */
  readonly id: string;
  readonly lastUsedAt: Instant | null;
}

async function find(tx: Transaction, engine: Engine, token: string, now: Instant): Promise<Found | null> {
  const credential = token.startsWith('ts_')
    ? await tx.sessions.byToken(token, now)
    : token.startsWith('tt_')
      ? await tx.sessions.serviceToken(token, now)
      : null;
  if (credential === null) return null;
  const { id, identityId, lastUsedAt } = credential;
  const [isThereNow, rolesNow] =
    identityId === null ? [true, null] : await Promise.all([isThere(tx, identityId, now), rolesInTenure(tx, engine, identityId, now)]);
  // Somebody on leave cannot continue with a token that they made either.
  if (!isThereNow) return null;
  const held = rolesNow === null ? null : new Set(rolesNow.keys());
  const isSession = 'provider' in credential;
  // Rights may have been given since this login was bound: then it needs more than the provider's assertion.
  if (isSession && held !== null && held.size > 0 && !(await mayGoOn(tx, engine.configuration.identityProviders[credential.provider], credential.identityId)))
    return null;
  const caller = isSession ? person(credential, held) : service(credential, limitOf(await tx.sessions.rolesAbove(credential), held));
  return caller === null ? null : { caller, id, lastUsedAt };
}

async function isThere(tx: Transaction, identityId: string, now: Instant): Promise<boolean> {
  const identity = await tx.identities.get(identityId);
  const next = identity?.lifecycle?.next;
  // The end may have passed before its timer: then the stored state is outdated.
  return identity?.state === 'active' && !(next != null && next.at <= now && next.state !== 'active');
}

/**
 * Roles that a token's maker has now: those of its person, limited by each token between them.
 * @param above roles of the tokens that it was made with, the oldest first
 */
function limitOf(above: readonly (readonly string[])[], held: ReadonlySet<string> | null): ReadonlySet<string> | null {
  return above.reduce<ReadonlySet<string> | null>((limit, made) => new Set(openedRoles(made, limit)), held);
}

/** Caller of a service token; `null` if its maker has none of its roles any more. */
function service({ id, roles: made, identityId, expiresAt }: ServiceToken, limit: ReadonlySet<string> | null): Caller | null {
  const opened = openedRoles(made, limit);
  if (opened.length === 0) return null;
  const sources = opened.flatMap((name) => (name.startsWith('source:') ? [name.slice('source:'.length)] : []));
  // A token does not have the role `self`.
  const own = roles.filter((role) => role !== 'self' && opened.includes(role));
  return { kind: 'service', id, personId: identityId, roles: new Set(own), sources: new Set(sources), sessionId: null, expiresAt };
}

function person(session: Session, held: ReadonlySet<string> | null): Caller {
  const { id, identityId } = session;
  return {
    kind: 'person',
    id: identityId,
    personId: identityId,
    roles: new Set<Role>([...roles.filter((role) => held?.has(role)), 'self']),
    sources: new Set(),
    sessionId: id,
    expiresAt: endOf(session),
  };
}
