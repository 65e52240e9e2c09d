import { lettingEntitlements, type PolicyDocument } from '@tenure/domain';
import type { Engine } from '../decide/engine.ts';
import type { CatalogueEntry } from '../requests/catalogue.ts';

/** Roles and entitlements of a person's catalogue that would let them into an application, and may be requested or wait for approval. */
export function requestableAccess(
  { applications }: Pick<Engine, 'applications'>,
  application: string,
  document: Pick<PolicyDocument, 'entitlements' | 'roles'>,
  catalogue: readonly CatalogueEntry[],
): readonly CatalogueEntry[] {
  const compiled = applications.get(application);
  const letting = compiled === undefined ? null : lettingEntitlements(compiled, document);
  if (letting === null) return [];
  const letsIn = ({ kind, name }: CatalogueEntry): boolean =>
    kind === 'entitlement' ? letting.includes(name) : (document.roles[name]?.entitlements.some((one) => letting.includes(one)) ?? false);
  return catalogue.filter((entry) => (entry.reason === null || entry.reason === 'asked-already') && entry.conflicts.length === 0 && letsIn(entry));
}
