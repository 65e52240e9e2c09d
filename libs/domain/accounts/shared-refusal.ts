import type { Change } from './account.ts';
import type { DomainError } from '../errors.ts';

/**
 * Key of a change that the target refuses because of its own state or settings, and therefore for every account: `addMember/Finance`,
 * `update/title`, `create`. `null`: the refusal may be about this account alone.
 */
export function sharedRefusal(change: Change, { details }: DomainError): string | null {
  // `step` is a step of the connection: the cause is the credentials or a missing right.
  if (details['scope'] !== 'target' && details['step'] === undefined) return null;
  switch (change.kind) {
    case 'addMember':
    case 'removeMember':
      return `${change.kind}/${change.entitlement}`;
    case 'update': {
      const [name, ...others] = Object.keys(change.attributes);
      const attribute = details['attribute'] ?? (others.length === 0 ? name : undefined);
      return attribute === undefined ? change.kind : `${change.kind}/${attribute}`;
    }
    default:
      return change.kind;
  }
}

/** Keys of the shared refusals whose cause is gone, as the success of a change proves. */
export function disprovedBy(change: Change): readonly string[] {
  switch (change.kind) {
    case 'addMember':
    case 'removeMember':
      return [`${change.kind}/${change.entitlement}`];
    case 'update':
      return [change.kind, ...Object.keys(change.attributes).map((name) => `${change.kind}/${name}`)];
    default:
      return [change.kind];
  }
}
