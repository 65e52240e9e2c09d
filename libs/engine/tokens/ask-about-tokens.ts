import { tokenEndingKey, type Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import { isThere } from '../approvers/related-person.ts';

/** Maximum number of tokens in one turn. */
const most = 100;

/**
 * Opens the case for the person responsible for the token of a source, once, when it is about to expire; without such a person, or where they are not
 * there any more, for the operators. A case about a token that has expired is closed.
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
