import type { Entitlement, PolicyDocument, Role } from '../policy/policy.ts';
import type { Approvers } from '../requests/request-policy.ts';
import type { CaseContent } from './case-evidence.ts';

/**
 * Owner of the subject of a case: an SoD rule, the change budget, a role or an entitlement. `undefined`: the subject is none of them, or has no
 * owner.
 */
export function caseOwner({ separation, budget, roles, entitlements }: PolicyDocument, found: CaseContent): Approvers | undefined {
  switch (found.kind) {
    case 'separation-conflict':
    case 'separation-violation':
      return separation.find(({ name }) => name === found.evidence.rule)?.owner;
    case 'change-budget':
      return budget?.owner;
    case 'break-glass-review':
    case 'requested-access-questionable':
      return ownerNamed(found.evidence.kind === 'role' ? roles : entitlements, found.evidence.name);
    case 'request-without-approver':
      return ownerNamed(entitlements, found.evidence.name);
    default:
      return undefined;
  }
}

function ownerNamed(known: Readonly<Record<string, Role | Entitlement>>, name: string | undefined): Approvers | undefined {
  return name !== undefined && Object.hasOwn(known, name) ? known[name]?.owner : undefined;
}
