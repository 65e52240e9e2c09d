import type { Actor } from '@tenure/store';

/** Roles in Tenure. Everybody who is logged in has `self`; the others come from grants or from a service token. */
export type Role = 'admin' | 'operator' | 'auditor' | 'self';

export const roles: readonly Role[] = ['admin', 'operator', 'auditor', 'self'];

/** Who sent a request, as it was when the request came. */
export interface Caller {
  readonly kind: 'person' | 'service';
  /** The identity's id, or the service token's. */
  readonly id: string;
  /** Who answers for what is done: themselves, or the person who made the token. `null`: a token that nobody in particular made. */
  readonly personId: string | null;
  readonly roles: ReadonlySet<Role>;
  /** Sources of which it may record facts. */
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
