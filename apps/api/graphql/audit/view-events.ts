import type { AuditEvent } from '@tenure/store';
import type { Caller } from '@tenure/engine/callers';
import { mayReadWordsAbout } from '../../access/words-about.ts';
import type { Loaders } from '../../server/loaders.ts';
import { loadNames } from './load-names.ts';
import { idsOfSentence, sentenceOf } from './sentence.ts';

/** An event with its sentence. */
export type AuditEventView = AuditEvent & { readonly sentence: string };

/**
 * Events as sentences, with the present names of people and records.
 * @param caller the reasons of others for actions about this caller are left out; absent: a caller who may read everything
 */
export async function viewEvents(events: readonly AuditEvent[], loaders: Loaders, caller?: Pick<Caller, 'id' | 'roles'>): Promise<readonly AuditEventView[]> {
  const names = await loadNames(events.flatMap(idsOfSentence), loaders);
  return events.map((event) => {
    const isOpen = caller === undefined || mayReadWordsAbout(caller, event.identityId, event.actor.kind === 'person' ? event.actor.id : null);
    const shown = isOpen ? event : { ...event, personal: null };
    return { ...shown, sentence: sentenceOf(shown, names) };
  });
}
