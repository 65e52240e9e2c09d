import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';

/** One identity as in GraphQL: as much as the story needs. */
export interface IdentityView {
  readonly id: string;
  readonly userName: string;
  readonly userType: string;
  readonly lifecycle: {
    readonly recordIds: readonly string[];
    readonly state: string;
    readonly why: string;
    readonly rule: string | null;
    readonly next: { readonly at: string; readonly state: string } | null;
  } | null;
  /** Instant of the next change by date. */
  readonly nextWakeUp: string | null;
  readonly records: readonly RecordView[];
  readonly grants: readonly GrantView[];
  readonly accounts: readonly AccountView[];
  readonly workflow: { readonly url: string | null };
  readonly sessions: readonly { readonly createdAt: string }[];
}
export interface RecordView {
  readonly id: string;
  readonly source: string;
}
export interface GrantView {
  readonly id: string;
  readonly kind: 'ROLE' | 'ENTITLEMENT';
  readonly name: string;
  readonly title: string;
  readonly validUntil: string | null;
  readonly grantedAt: string;
  /** `null`: the grant is in force. */
  readonly endedAt: string | null;
  readonly endReason: string | null;
  readonly origins: readonly OriginView[];
}
export interface OriginView {
  readonly kind: string;
  readonly name: string;
  /** Reason as a sentence. */
  readonly sentence: string;
  readonly policyVersion: number;
  readonly viaRole: string | null;
  /** Names of the sources whose records support it. */
  readonly sources: readonly string[];
}
export interface AccountView {
  readonly id: string;
  readonly target: string;
  readonly targetTitle: string;
  readonly desired: { readonly state: string; readonly entitlements: readonly string[] };
  readonly observed: { readonly enabled: boolean; readonly entitlements: readonly string[] } | null;
  /** When reading the target back showed the desired state; `null`: not yet. */
  readonly confirmedAt: string | null;
}

/** The query behind it, without variables, so that it can be tried by hand. */
export function identityQuery(id: string): string {
  return `{ identity(id: ${JSON.stringify(id)}) {
    id userName userType nextWakeUp
    lifecycle { state why rule recordIds next { at state } }
    records { id source }
    grants(includeEnded: true) { id kind name title validUntil grantedAt endedAt endReason origins { kind name sentence policyVersion viaRole sources } }
    accounts { id target targetTitle desired { state entitlements } observed { enabled entitlements } confirmedAt }
    workflow { url }
    sessions { createdAt }
  } }`;
}

export async function viewIdentity(reader: GraphqlClient, id: string): Promise<IdentityView> {
  const { identity } = await reader.ask<{ identity: IdentityView | null }>(identityQuery(id));
  if (identity === null) throw new Error(`GraphQL knows no identity ${id}`);
  return identity;
}

/** The identity of a user name, or `null`. */
export async function findIdentity(reader: GraphqlClient, userName: string): Promise<IdentityView | null> {
  const { identity } = await reader.ask<{ identity: { readonly id: string } | null }>('query ($userName: String!) { identity(userName: $userName) { id } }', {
    userName,
  });
  return identity === null ? null : viewIdentity(reader, identity.id);
}
