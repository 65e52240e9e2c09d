import type { ApplicationSettings } from '@tenure/config';
import type { StoredIdentity, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';

/** Name of the person at the application; `null`: it is an address that the application received for somebody else. */
export async function nameAtApplication(
  tx: Transaction,
  { name, target, subject }: Pick<ApplicationSettings, 'name' | 'target' | 'subject'>,
  { id: identityId, attributes }: StoredIdentity,
): Promise<string | null> {
  const { applicationPeople: people, context } = tx;
  const email = attributes['email']?.value;
  // Provisioning marks accounts with the id, so that login and provisioning mean one account; where nothing is provisioned the name is of this application alone.
  if (subject !== 'email' || typeof email !== 'string') return people.subjectOf(name, identityId, context.now, target === null ? undefined : identityId);
  const claim = await people.claimAddress(name, email, identityId, context.now);
  if (claim === 'given') {
    await closeFormer(tx, name, identityId, people.addressHash(name, email));
    return email;
  }
  if (claim === 'taken') {
    const addressHash = people.addressHash(name, email);
    const others = (await people.peopleWithAddress(name, addressHash)).filter((id) => id !== identityId);
    await openCase(tx, {
      key: `application-address/${name}/${identityId}/${addressHash}`,
      kind: 'application-address',
      identityId,
      target: null,
      operationId: null,
      evidence: { application: name, addressHash, others },
    });
  }
  return null;
}

/** Closes questions about other addresses that the person had at the application before. */
async function closeFormer(tx: Transaction, application: string, identityId: string, addressHash: string): Promise<void> {
  for (const open of await tx.cases.ofIdentities([identityId])) {
    const isFormer = open.status === 'open' && open.kind === 'application-address' && open.evidence.application === application;
    if (isFormer && open.evidence.addressHash !== addressHash) await closeCase(tx, open, 'the person has another address');
  }
}

/** Does the same for an application of the configuration and a person by their ids. @returns `null` also where one of the two is not known */
export async function nameOf(
  tx: Transaction,
  application: Pick<ApplicationSettings, 'name' | 'target' | 'subject'> | undefined,
  identityId: string,
): Promise<string | null> {
  const identity = application === undefined ? null : await tx.identities.get(identityId);
  return application === undefined || identity === null ? null : nameAtApplication(tx, application, identity);
}
