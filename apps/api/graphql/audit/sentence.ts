import { sentenceOfEvent } from '@tenure/domain';
import type { AuditEvent } from '@tenure/store';
import { idsIn, type Names, withNames } from './with-names.ts';

type AuditedEvent = Pick<AuditEvent, 'action' | 'reason' | 'subjectKind' | 'personal'>;

/**
 * An event as a sentence that needs nothing else to be understood. What is not known here yet is named by its action.
 * @param names of people, records and service tokens by id. The reason that somebody gave stays as it was written.
 */
export function sentenceOf(event: AuditedEvent, names: Names = new Map()): string {
  const note = typeof event.personal?.['reason'] === 'string' ? ` Reason given: ${event.personal['reason']}` : '';
  return `${withNames(sentenceOfEvent(event), names)}${note}`;
}

/** Ids in the sentence of an event, for loading their names. */
export function idsOfSentence(event: AuditedEvent): readonly string[] {
  return idsIn(sentenceOfEvent(event));
}
