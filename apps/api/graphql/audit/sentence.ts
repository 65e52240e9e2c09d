import { sentenceOfEvent } from '@tenure/domain';
import type { AuditEvent } from '@tenure/store';
import { idsIn, type Names, withNames } from './with-names.ts';

type AuditedEvent = Pick<AuditEvent, 'action' | 'reason' | 'subjectKind' | 'personal'>;

/**
 * Complete sentence for an event. Actions that are not known here are named as they are stored.
 * @param names of people, records and service tokens by id. A reason that a person gave stays as it was written.
 */
export function sentenceOf(event: AuditedEvent, names: Names = new Map()): string {
  const note = typeof event.personal?.['reason'] === 'string' ? ` Reason given: ${event.personal['reason']}` : '';
  return `${withNames(sentenceOfEvent(event), names)}${note}`;
}

/** Ids in the sentence of an event, for loading their names. */
export function idsOfSentence(event: AuditedEvent): readonly string[] {
  return idsIn(sentenceOfEvent(event));
}
