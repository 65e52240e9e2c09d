import type { Instant } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Logout that a provider announces. */
export interface SourceLogout {
  readonly provider: string;
  /** Issuer of the message, with its id and the instant until which the id counts once. */
  readonly message: { readonly issuer: string; readonly id: string; readonly staleAt: Instant };
  /** Person at the provider; `null`: the sessions alone are named. */
  readonly subject: string | null;
  /** Sessions at the provider; empty: all of the person. */
  readonly indexes: readonly string[];
}

export interface EndedAtSource {
  /** True: the message was received before; it ended nothing again. */
  readonly isRepeated: boolean;
  /** Number of sessions in Tenure that it ended. */
  readonly sessions: number;
  /** Number of sessions at applications that ended with them, and are told afterwards. */
  readonly applications: number;
}

/** Ends the sessions of a provider's session with all that depend on them, in this transaction, audited. */
export async function endAtSource(tx: Transaction, { provider, message, subject, indexes }: SourceLogout): Promise<EndedAtSource> {
  const { now } = tx.context;
  // In the table of used assertions; a blank is in no id of an assertion.
  const isFirst = await tx.sessions.consumeAssertion(message.issuer, `logout ${message.id}`, message.staleAt);
  if (!isFirst) return { isRepeated: true, sessions: 0, applications: 0 };
  const why = 'logged out at the provider';
  const ended = await tx.sessions.endAtSource({ provider, subject, indexes }, why, now);
  const sessions = ended.filter(({ kind }) => kind === 'session');
  for (const { id, identityId } of sessions) tx.audit.record({ action: 'session.ended', subjectKind: 'session', subjectId: id, identityId, reason: { why } });
  return { isRepeated: false, sessions: sessions.length, applications: ended.filter(({ kind }) => kind === 'application-session').length };
}
