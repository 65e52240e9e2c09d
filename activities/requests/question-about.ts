import { type AccessQuestion, mergeFacts, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { foundInTargets } from '../found-in-targets.ts';
import type { Loop } from '../loop.ts';
import { authoritativeSources, loginSources } from '../settings-of-source.ts';
import { demandedSponsor, livingSponsors } from '../sponsors/living-sponsors.ts';
import { requestedAccess } from './requested-access.ts';

/** The loop's question about one person as of now, held until the transaction ends. @throws NotFound */
export async function questionAbout(tx: Transaction, loop: Loop, identityId: string): Promise<AccessQuestion> {
  const [person] = await tx.people.lock([identityId]);
  if (person === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const { precedence, timeZone } = loop.configuration;
  const policy = await loop.currentPolicy(tx);
  const { now } = tx.context;
  const question: AccessQuestion = {
    ...person.identity,
    records: person.records,
    precedence,
    authoritative: authoritativeSources(loop.configuration),
    logins: loginSources(loop.configuration),
    now,
    timeZone,
    policy,
    memory: person.identity,
    exceptions: person.exceptions,
    requests: requestedAccess(person.requested),
    found: foundInTargets(person, policy, now),
  };
  if (demandedSponsor(policy) === null) return question;
  return { ...question, sponsorLives: (await livingSponsors(tx, loop.configuration, policy, [mergeFacts(question)])).get(identityId) };
}
