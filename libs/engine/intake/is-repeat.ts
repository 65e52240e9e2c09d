import type { StoredRecord } from '@tenure/store';
import { sameJson } from '../decide/same-json.ts';

/**
 * True: a newer version of a record has the content that is in force already, as where a feed gives everybody a new version each night. It is
 * stored, for its version and time; there is nothing to decide and nothing to audit.
 * @param record as it is going to be stored
 */
export function isRepeat(record: StoredRecord, known: StoredRecord | undefined): boolean {
  if (known === undefined || known.identityId === null) return false;
  const isOwnWord = [known, record].every(({ said, vanishedAt, withdrawnAt }) => (said ?? vanishedAt ?? withdrawnAt ?? null) === null);
  return isOwnWord && sameJson(contentOf(record), contentOf(known));
}

function contentOf({ identityId, facts, groups, emailTrusted, emailVerified = null, status, endedAt, endedOn = null, userType = null, ...rest }: StoredRecord) {
  return { identityId, facts, groups, emailTrusted, emailVerified, status, endedAt, endedOn, userType, extends: rest.extends ?? null };
}
