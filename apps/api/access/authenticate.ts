import { type Loop, mayGoOn } from '@tenure/activities';
import { grantsAt, type Instant, TENURE_TARGET } from '@tenure/domain';
import type { ServiceToken, Session, Store, Transaction } from '@tenure/store';
import { type Caller, type Role, roles } from './caller.ts';

/** Whose token it is and what they may do at this moment; `null` when nobody's. Asked at each request, so taking away works at once. */
export type Authenticate = (token: string) => Promise<Caller | null>;

export interface AuthenticateDependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly clock: () => Instant;
}

export function createAuthenticate({ store, loop, clock }: AuthenticateDependencies): Authenticate {
  return async (token) => {
    const now = clock();
    if (token.startsWith('ts_')) {
      return store.read(async (tx) => {
        const session = await tx.sessions.byToken(token, now);
        return session === null ? null : person(tx, loop, session, now);
      });
    }
    if (!token.startsWith('tt_')) return null;
    return store.read(async (tx) => {
      const found = await tx.sessions.serviceToken(token, now);
      const caller = found === null ? null : service(found);
      // Somebody on leave does not go on by a token of their own making either.
      return caller === null || caller.personId === null || (await isThere(tx, caller.personId, now)) ? caller : null;
    });
  };
}

async function isThere(tx: Transaction, identityId: string, now: Instant): Promise<boolean> {
  const identity = await tx.identities.get(identityId);
  const next = identity?.lifecycle?.next;
  // The end may have come before its timer: then what is stored is of yesterday.
  return identity?.state === 'active' && !(next != null && next.at <= now && next.state !== 'active');
}

function service({ id, roles: names, createdBy, expiresAt }: ServiceToken): Caller {
  const sources = names.flatMap((name) => (name.startsWith('source:') ? [name.slice('source:'.length)] : []));
  // A token is nobody's own person.
  const held = roles.filter((role) => role !== 'self' && names.includes(role));
  const personId = /^person ([0-9a-f-]{36})$/.exec(createdBy)?.[1] ?? null;
  return { kind: 'service', id, personId, roles: new Set(held), sources: new Set(sources), sessionId: null, expiresAt };
}

async function person(tx: Transaction, loop: Loop, session: Session, now: Instant): Promise<Caller | null> {
  const { identityId } = session;
  if (!(await isThere(tx, identityId, now))) return null;
  const { document } = await loop.currentPolicy(tx);
  const grants = grantsAt(await tx.access.currentGrants([identityId]), now);
  const held = grants.flatMap(({ kind, name }): Role[] => {
    const entitlement = kind === 'entitlement' ? document.entitlements[name] : undefined;
    return roles.filter((role) => entitlement?.target === TENURE_TARGET && entitlement.value === role);
  });
  // They may have been given rights since this login was bound: then it needs more than the provider's word.
  if (held.some((role) => role !== 'self') && !(await mayGoOn(tx, loop.configuration.identityProviders[session.provider], identityId))) return null;
  return {
    kind: 'person',
    id: identityId,
    personId: identityId,
    roles: new Set<Role>([...held, 'self']),
    sources: new Set(),
    sessionId: session.id,
    expiresAt: session.expiresAt,
  };
}
