import type { Approvers, Policy } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import { isThere, relatedPeople } from './related-person.ts';

/** Somebody who is to be asked. */
export interface Asked {
  readonly approverId: string;
  /** How the policy came to them. */
  readonly via: string;
}

/** About whose access it is, and who asked: neither of them decides. */
export interface Concerned {
  readonly identityId: string;
  readonly requestedBy: string;
}

export interface ApproverResolver {
  /** The people whom these mean now. One who may not answer, or is not there, is replaced by the first of their managers who may. */
  resolve(approvers: readonly Approvers[], concerned: Concerned): Promise<readonly Asked[]>;
  /** The managers of these people: the next in line. */
  above(approverIds: readonly string[], concerned: Concerned): Promise<readonly Asked[]>;
}

/** Managers that are gone through at most to find one who is there. */
const longestLine = 10;
/** People who are asked at most for one group. */
const mostHolders = 200;

/** Answers from the database each time: who was there yesterday may have left. */
export function approverResolver(tx: Transaction, loop: Loop, policy: Policy): ApproverResolver {
  const { now } = tx.context;
  const people = relatedPeople(tx, loop, policy);
  const standIn = async (first: StoredIdentity | null, via: string, { identityId, requestedBy }: Concerned): Promise<readonly Asked[]> => {
    const seen = new Set<string>();
    let person = first;
    for (let step = 0; step < longestLine && person !== null && !seen.has(person.id); step += 1) {
      const mayAnswer = person.id !== identityId && person.id !== requestedBy && isThere(person, now);
      if (mayAnswer) return [{ approverId: person.id, via: step === 0 ? via : `${via}, in place of ${first?.id ?? ''}` }];
      seen.add(person.id);
      person = await people.related(person, 'manager');
    }
    return [];
  };
  const one = async (approvers: Approvers, concerned: Concerned): Promise<readonly Asked[]> => {
    switch (approvers.kind) {
      case 'manager':
      case 'sponsor': {
        const subject = await tx.identities.get(concerned.identityId);
        return standIn(subject === null ? null : await people.related(subject, approvers.kind), approvers.kind, concerned);
      }
      case 'person':
        return standIn(await tx.identities.byUserName(approvers.userName), 'by name', concerned);
      case 'holders': {
        const ids = await tx.requests.holders(approvers.name, now, mostHolders);
        const found = await tx.identities.many(ids);
        const able = found.filter((person) => person.id !== concerned.identityId && person.id !== concerned.requestedBy && isThere(person, now));
        return able.map(({ id }) => ({ approverId: id, via: `holds ${approvers.name}` }));
      }
      case 'owner':
        // Replaced by the owner when it was asked for.
        return [];
    }
  };
  return {
    async resolve(approvers, concerned) {
      const asked: Asked[] = [];
      for (const each of approvers) asked.push(...(await one(each, concerned)));
      return withoutRepeats(asked);
    },
    async above(approverIds, concerned) {
      const asked: Asked[] = [];
      for (const person of await tx.identities.many(approverIds)) {
        const manager = await people.related(person, 'manager');
        asked.push(...(await standIn(manager, `manager of ${person.id}`, concerned)));
      }
      return withoutRepeats(asked);
    },
  };
}

function withoutRepeats(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ approverId }, index) => asked.findIndex((one) => one.approverId === approverId) === index);
}
