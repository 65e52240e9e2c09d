import { type CaseResolution, type Instant, resolutionOf, shownEvidence } from '@tenure/domain';
import type { CaseComment, CaseFile, InboxCase, InboxContent } from '@tenure/store';
import { mayReadWordsAbout } from '../../access/words-about.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { named as nameActor } from '../audit/load-names.ts';
import { displayName } from '../identities/view-attributes.ts';
import { isOperator } from '@tenure/engine/cases';
import { actionsOf, type CaseAction } from './case-actions.ts';

/** Somebody by name. */
export interface NamedPerson {
  readonly id: string;
  readonly displayName: string;
}

/** A case as its reader sees it. */
export type CaseView = InboxContent & Omit<CaseFile, 'claimedBy' | 'resolution'> & ViewOfCase;

interface ViewOfCase {
  /** Name of the person whom it is about. */
  readonly subjectName: string | null;
  readonly owner: NamedPerson | null;
  readonly claimedBy: NamedPerson | null;
  readonly resolution: CaseResolution | null;
  /** Evidence with the names that clients see. */
  readonly shownEvidence: Readonly<Record<string, unknown>>;
  /** Cause of an automatic close. */
  readonly closeReason: string | null;
  readonly isEscalated: boolean;
  readonly isOverdue: boolean;
  readonly actions: readonly CaseAction[];
  readonly comments: readonly CaseComment[];
}

/** Adds names, comments and the caller's actions: read for all cases of a request at once, however many they are. */
export async function viewCases(found: readonly InboxCase[], context: GraphqlContext, now: Instant): Promise<readonly CaseView[]> {
  const caller = callerOf(context);
  const { loaders } = context;
  const named = async (id: string | null): Promise<NamedPerson | null> => {
    const person = id === null ? null : await loaders.identity.load(id);
    return person === null ? null : { id: person.id, displayName: displayName(person) };
  };
  const personId = caller.kind === 'person' ? caller.id : null;
  return Promise.all(
    found.map(async (one): Promise<CaseView> => {
      const [subject, owner, claimedBy] = await Promise.all([named(one.identityId), named(one.ownerId), named(one.claimedBy)]);
      const [isTheirs, comments] = await Promise.all([loaders.isTheirs.load(one.id), loaders.comments.load(one.id)]);
      const closed = one.resolution === null ? null : resolutionOf(one.resolution);
      return {
        ...one,
        shownEvidence: shownEvidence(one.kind, one.evidence),
        resolution: closed?.resolution ?? null,
        closeReason: closed?.reason ?? null,
        closedBy: one.closedBy === null ? null : await nameActor(one.closedBy, loaders),
        subjectName: subject?.displayName ?? null,
        owner,
        claimedBy,
        isEscalated: one.level > 0,
        isOverdue: one.status === 'open' && one.deadline !== null && one.deadline < now,
        actions: actionsOf(one, { personId, isOperator: isOperator(caller), isAdmin: caller.roles.has('admin'), isTheirs }),
        comments: comments.filter(({ by }) => mayReadWordsAbout(caller, one.identityId, by.kind === 'person' ? by.id : null)),
      };
    }),
  );
}
