import type { Instant } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Whose tokens end, and which of them. */
export interface TokensToEnd {
  readonly personIds: readonly string[];
  /** Those that were made since then; `null`: all. */
  readonly since: Instant | null;
  readonly why: string;
}

/** Ends the service tokens that people have made: whoever knows one would go on past their own end with it. */
export async function endTokens(tx: Transaction, { personIds, since, why }: TokensToEnd): Promise<void> {
  if (personIds.length === 0) return;
  for (const { id: subjectId, name, roles } of await tx.sessions.revokeTokensOf(personIds, since, tx.context.now))
    tx.audit.record({ action: 'serviceToken.revoked', subjectKind: 'serviceToken', subjectId, identityId: null, reason: { name, roles, why } });
}
