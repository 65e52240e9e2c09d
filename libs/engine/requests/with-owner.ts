import type { AccessName, Approvers, Policy } from '@tenure/domain';

/** The people that a rule means, with whoever answers for what it is about named. Nobody in the place of an owner where there is none. */
export function withOwner(approvers: readonly Approvers[], { document }: Policy, { kind, name }: AccessName): readonly Approvers[] {
  const known = kind === 'role' ? document.roles : document.entitlements;
  const owner = Object.hasOwn(known, name) ? known[name]?.owner : undefined;
  return approvers.flatMap((one) => (one.kind !== 'owner' ? [one] : owner === undefined ? [] : [owner]));
}
