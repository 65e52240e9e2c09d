import type { Failures } from '../failures.ts';
import { type LdapEntry, valuesOf } from './entries.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuid.test(text);

/** An id that was remembered, if a directory can have given it: another kind of target may have stood there before. */
export const knownId = (id: string | null | undefined): string | null => (typeof id === 'string' && isUuid(id) ? id : null);

/** The directory's own id of an entry (RFC 4530), which stays when the entry is renamed or moved; `null`: it is not shown. */
export function shownId(entry: LdapEntry): string | null {
  const [id] = valuesOf(entry, 'entryUUID');
  return id !== undefined && isUuid(id) ? id : null;
}

/** @throws ConnectorUnavailable when an entry comes without its id */
export function idOf(entry: LdapEntry, failures: Failures): string {
  const id = shownId(entry);
  if (id === null) throw failures.unavailable('an entry came without its entryUUID');
  return id;
}
