import type { AccessName, PolicyDocument } from '@tenure/domain';

/** Title of a role or entitlement in the policy; its name where the policy no longer has it. */
export function titleOf(document: PolicyDocument, { kind, name }: AccessName): string {
  const known = kind === 'role' ? document.roles : document.entitlements;
  return (Object.hasOwn(known, name) ? known[name]?.title : undefined) ?? name;
}
