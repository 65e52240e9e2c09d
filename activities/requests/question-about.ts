import { type AccessQuestion, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import { authoritativeSources, loginSources } from '../settings-of-source.ts';
import { requestedAccess } from './requested-access.ts';

/** The loop's question about one person as of now, held until the transaction ends. @throws NotFound */
export async function questionAbout(tx: Transaction, loop: Loop, identityId: string): Promise<AccessQuestion> {
  const person = await tx.identities.lock(identityId);
  if (person === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const { precedence, timeZone } = loop.configuration;
  return {
    ...person,
    records: await tx.identities.recordsOf(identityId),
    precedence,
    authoritative: authoritativeSources(loop.configuration),
    logins: loginSources(loop.configuration),
    now: tx.context.now,
    timeZone,
    policy: await loop.currentPolicy(tx),
    memory: person,
    exceptions: [],
    requests: requestedAccess(await tx.requests.inForce(identityId)),
  };
}
