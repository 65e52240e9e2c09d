import type { Failures } from '../failures.ts';
import { type LdapEntry, valuesOf } from './entries.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuid.test(text);

/** A stored id, if it has the form of a directory's; `null` otherwise, since the target may have been of another kind before. */
export const knownId = (id: string | null | undefined): string | null => (typeof id === 'string' && isUuid(id) ? id : null);

/** The directory's id of an entry (RFC 4530), which stays when the entry is renamed or moved; `null`: it is not shown. */
export function shownId(entry: LdapEntry): string | null {
  const [id] = valuesOf(entry, 'entryUUID');
  return id !== undefined && isUuid(id) ? id : null;
}

/** Id of an entry. @throws ConnectorUnavailable when the entry does not show it */
export function idOf(entry: LdapEntry, failures: Failures): string {
  const id = shownId(entry);
  if (id === null) throw failures.unavailable('an entry came without its entryUUID');
  return id;
}
