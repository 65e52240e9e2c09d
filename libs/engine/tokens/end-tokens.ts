import type { Instant } from '@tenure/domain';
import type { EndedCredential, Transaction } from '@tenure/store';

/** Tokens that end: their people, and a selection. */
export interface TokensToEnd {
  readonly personIds: readonly string[];
  /** Instant from which on tokens were made that end; `null`: all. */
  readonly since: Instant | null;
  readonly why: string;
}

/** Ends the service tokens that people have made: otherwise anybody who knows one could continue past their end. */
export async function endTokens(tx: Transaction, { personIds, since, why }: TokensToEnd): Promise<void> {
  if (personIds.length === 0) return;
  auditEndedTokens(tx, await tx.sessions.revokeTokensOf(personIds, since, why, tx.context.now), why);
}

/** Ends one token and all that were made with it. @returns true if it was valid */
export async function endToken(tx: Transaction, id: string, why: string): Promise<boolean> {
  const ended = await tx.sessions.revokeServiceToken(id, why, tx.context.now);
  auditEndedTokens(tx, ended, why);
  return ended.some((one) => one.id === id);
}

function auditEndedTokens(tx: Transaction, ended: readonly EndedCredential[], why: string): void {
  for (const { id: subjectId, parentId, name, roles } of ended)
    tx.audit.record({
      action: 'serviceToken.revoked',
      subjectKind: 'serviceToken',
      subjectId,
      identityId: null,
      reason: { name, roles, why, ...(parentId === null ? {} : { parentId }) },
    });
}
