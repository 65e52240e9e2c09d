import { type AuditEventView, type AuditOrigin, auditEvents } from './audit-events.ts';
import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';
import { type IdentityView, viewIdentity } from './identity-view.ts';
import { nameOf, withSources } from './tell.ts';

/** Event of a grant or an account, and its reason. */
export interface AnsweredEvent {
  readonly event: AuditEventView;
  /** Rules with their policy version, each with the sources whose records support it; for an end, a sentence. */
  readonly why: readonly string[];
}

/** Events of one grant or account by the audit: how it began, changed and ended. */
export interface Answered {
  readonly what: string;
  readonly came: AnsweredEvent | null;
  /** Other reasons for a grant, in their order; an account that was disabled. */
  readonly changed: readonly AnsweredEvent[];
  readonly went: AnsweredEvent | null;
  /** True if it is gone by GraphQL. */
  readonly isGone: boolean;
}

/** Every present and past grant and account of a person, each with its events in the audit. */
export async function auditTrail(reader: GraphqlClient, identityId: string): Promise<{ readonly view: IdentityView; readonly trail: readonly Answered[] }> {
  const [view, events] = await Promise.all([viewIdentity(reader, identityId), auditEvents(reader, { identityId })]);
  const answers = (subjectId: string, action: string): readonly AnsweredEvent[] =>
    events.filter((event) => event.subjectId === subjectId && event.action === action).map((event) => ({ event, why: whyOf(view, event) }));
  const grants = view.grants.map(
    ({ id, endedAt, ...grant }): Answered => ({
      what: nameOf(grant),
      came: answers(id, 'grant.given')[0] ?? null,
      changed: answers(id, 'grant.changed'),
      went: answers(id, 'grant.ended').at(-1) ?? null,
      isGone: endedAt !== null,
    }),
  );
  const accounts = view.accounts.map(
    ({ id, targetTitle, desired }): Answered => ({
      what: `account in ${targetTitle}`,
      came: answers(id, 'account.create')[0] ?? null,
      changed: answers(id, 'account.disable'),
      went: answers(id, 'account.delete').at(-1) ?? null,
      isGone: desired.state === 'ABSENT',
    }),
  );
  return { view, trail: [...grants.toReversed(), ...accounts] };
}

function whyOf(view: IdentityView, { action, reason }: AuditEventView): readonly string[] {
  if (action === 'grant.ended') return reason.why === undefined ? [] : [withSources(view, reason.why, reason.recordIds ?? [])];
  const origins = reason.origins ?? (reason.because ?? []).flatMap((grant) => grant.origins);
  if (origins.length > 0) return rules(view, origins);
  return reason.lifecycle === undefined ? [] : [withSources(view, reason.lifecycle.why, reason.lifecycle.recordIds)];
}

function rules({ records }: IdentityView, origins: readonly AuditOrigin[]): readonly string[] {
  const sourceOf = (recordId: string): string => records.find(({ id }) => id === recordId)?.source ?? recordId;
  const all = origins.map(({ name, policyVersion, recordIds }) => {
    const sources = [...new Set(recordIds.map(sourceOf))];
    return `${name}@${policyVersion}${sources.length > 0 ? ` (${sources.join(', ')})` : ''}`;
  });
  return [...new Set(all)];
}
