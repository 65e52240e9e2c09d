import type { Configuration } from '@tenure/config';
import type { StoredIdentity, StoredRecord } from '@tenure/store';
import type { AttributeType } from './identity.type.ts';

export { displayName } from '@tenure/domain';

/** A person's attributes in the order of their names, each with the record it came from. */
export function viewAttributes(identity: StoredIdentity, records: readonly StoredRecord[], { attributes }: Configuration): readonly AttributeType[] {
  const recordedAt = new Map(records.map((record) => [record.id, record.recordedAt]));
  return Object.entries(identity.attributes)
    .map(([name, { value, source, recordId }]) => ({
      name,
      title: (Object.hasOwn(attributes, name) ? attributes[name]?.title : undefined) ?? name,
      value,
      source,
      recordId,
      recordedAt: recordedAt.get(recordId) ?? null,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
