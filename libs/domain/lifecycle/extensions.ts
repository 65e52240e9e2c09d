import { EXTENSION_SOURCE, type SourceRecord } from '../identity/facts.ts';

/** A record whose `endDate` may be that of an extension. */
export interface ExtendableRecord extends SourceRecord {
  /** The extension, and the end that the source itself says. */
  readonly extension?: { readonly id: string; readonly endDate: string };
}

/**
 * Records with the ends that were extended. An extension counts for as long as its record says the end that was extended: a source
 * that says another one, earlier or later, has newer knowledge, and its word counts.
 */
export function withExtensions(records: readonly SourceRecord[]): ExtendableRecord[] {
  const extensions = records.filter(({ source }) => source === EXTENSION_SOURCE);
  if (extensions.length === 0) return [...records];
  return records.filter(({ source }) => source !== EXTENSION_SOURCE).map((record) => extended(record, extensions));
}

function extended(record: SourceRecord, extensions: readonly SourceRecord[]): ExtendableRecord {
  const { endDate } = record.facts;
  const extension = extensions.find(({ extends: of, facts }) => of?.recordId === record.id && of.endDate === endDate && typeof facts['endDate'] === 'string');
  if (extension === undefined || typeof endDate !== 'string') return record;
  return { ...record, facts: { ...record.facts, endDate: extension.facts['endDate'] ?? endDate }, extension: { id: extension.id, endDate } };
}
