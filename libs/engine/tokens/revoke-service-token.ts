import { NotFound } from '@tenure/domain';
import type { ServiceToken, Transaction } from '@tenure/store';
import { endToken } from './end-tokens.ts';

/** Ends a token at once, with all tokens that were made with it. @throws NotFound */
export async function revokeServiceToken(tx: Transaction, id: string): Promise<ServiceToken> {
  await endToken(tx, id, 'revoked by an administrator');
  const token = (await tx.sessions.serviceTokens()).find((one) => one.id === id);
  if (token === undefined) throw new NotFound(`there is no service token ${id}`, { id });
  return token;
}
