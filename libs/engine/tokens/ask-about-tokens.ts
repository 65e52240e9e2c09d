import { tokenEndingKey, type Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import { isThere } from '../approvers/related-person.ts';

/** Tokens in one turn. */
const most = 100;

/**
 * Asks whoever answers for the token of a source what is to come of it, once, when it nears its end; without such a person, or where they
 * are not there any more, the operators. What was asked about a token that is over has answered itself.
 */
export async function askAboutTokens(tx: Transaction): Promise<void> {
  const { now } = tx.context;
  for (const { id, name, roles, expiresAt, responsibleId } of await tx.sessions.tokensToAskAbout(now, most)) {
    const responsible = responsibleId === null ? null : await tx.identities.get(responsibleId);
    await openCase(tx, {
      kind: 'token-ending',
      key: tokenEndingKey(id),
      identityId: null,
      target: null,
      operationId: null,
      evidence: { tokenId: id, name, roles, endsAt: expiresAt },
      ownerId: responsible !== null && isThere(responsible, now) ? responsible.id : null,
    });
  }
  const inVain = await tx.sessions.tokensAskedInVain(now);
  if (inVain.length > 0) for (const open of await tx.cases.openOfKeys(inVain)) await closeCase(tx, open, 'the token has ended');
}
