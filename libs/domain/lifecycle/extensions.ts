import { EXTENSION_SOURCE, type SourceRecord } from '../identity/facts.ts';

/** A record whose `endDate` may be from an extension. */
export interface ExtendableRecord extends SourceRecord {
  /** Id of the extension, and the end that the source itself states. */
  readonly extension?: { readonly id: string; readonly endDate: string };
}

/**
 * Returns records with their extended ends. An extension counts for as long as its record states the original end: a source that states another
 * one, earlier or later, has newer knowledge and takes precedence.
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
