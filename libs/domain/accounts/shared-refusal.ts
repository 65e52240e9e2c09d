import type { Change } from './account.ts';
import type { DomainError } from '../errors.ts';

/**
 * What a refusal is about whose cause is the target or its settings, so that the same change is refused for every account: `addMember/Finance`,
 * `update/title`, `create`. `null`: it may be about this account alone.
 */
export function sharedRefusal(change: Change, { details }: DomainError): string | null {
  // A step is one of the connection: credentials, or a right that is missing.
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

/** The shared refusals of which a change that went through shows that their cause is gone. */
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
