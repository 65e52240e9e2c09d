import type { Actor } from '@tenure/store';

/** Roles in Tenure. Everybody who is logged in has `self`; the others come from grants or from a service token. */
export type Role = 'admin' | 'operator' | 'auditor' | 'self';

export const roles: readonly Role[] = ['admin', 'operator', 'auditor', 'self'];

/** Caller who sent a request, as of when the request came. */
export interface Caller {
  readonly kind: 'person' | 'service';
  /** The identity's id, or the service token's. */
  readonly id: string;
  /** Id of the person responsible: the caller, or the person who made the token. `null`: no person made the token. */
  readonly personId: string | null;
  readonly roles: ReadonlySet<Role>;
  /** Names of the sources of which it may record facts. */
  readonly sources: ReadonlySet<string>;
  /** `null` for a service token. */
  readonly sessionId: string | null;
  /** When its session or token ends by itself. */
  readonly expiresAt: string;
}

/** The caller as the audit names it. */
export function actorOf({ kind, id }: Caller): Actor {
  return { kind, id };
}
