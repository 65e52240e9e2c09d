import type { AccessName, Approvers, Policy } from '@tenure/domain';

/** Approvers of a rule, with the owner of the requested access by name. No one in place of an owner where there is none. */
export function withOwner(approvers: readonly Approvers[], { document }: Policy, { kind, name }: AccessName): readonly Approvers[] {
  const known = kind === 'role' ? document.roles : document.entitlements;
  const owner = Object.hasOwn(known, name) ? known[name]?.owner : undefined;
  return approvers.flatMap((one) => (one.kind !== 'owner' ? [one] : owner === undefined ? [] : [owner]));
}
