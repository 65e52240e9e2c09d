import { type AuditEventView, type AuditOrigin, auditEvents } from './audit-events.ts';
import type { GraphqlClient } from './graphql-client.ts';
import { type IdentityView, viewIdentity } from './identity-view.ts';
import { nameOf } from './tell.ts';

/** What the audit answers for one grant or account: how it came, and how it went. */
export interface Answered {
  readonly what: string;
  readonly came: AuditEventView | null;
  /** `null`: it is there still. */
  readonly went: AuditEventView | null;
  readonly isGone: boolean;
  /** Rules with their policy version, each with the sources whose records it rests on. */
  readonly why: readonly string[];
}

/** Every grant and every account that a person has or had, each with what the audit says of it. */
export async function auditTrail(reader: GraphqlClient, identityId: string): Promise<{ readonly view: IdentityView; readonly trail: readonly Answered[] }> {
  const [view, events] = await Promise.all([viewIdentity(reader, identityId), auditEvents(reader, { identityId })]);
  const last = (subjectId: string, actions: readonly string[]): AuditEventView | null => events.findLast((event) => event.subjectId === subjectId && actions.includes(event.action)) ?? null;
  const grants = view.grants.map((grant): Answered => {
    const came = last(grant.id, ['grant.given', 'grant.changed']);
    return { what: nameOf(grant), came, went: last(grant.id, ['grant.ended']), isGone: grant.endedAt !== null, why: rules(view, came?.reason.origins ?? []) };
  });
  const accounts = view.accounts.map((account): Answered => {
    const came = last(account.id, ['account.create']);
    const origins = (came?.reason.because ?? []).flatMap((grant) => grant.origins);
    return { what: `account in ${account.targetTitle}`, came, went: last(account.id, ['account.delete']), isGone: account.desired.state === 'ABSENT', why: rules(view, origins) };
  });
  return { view, trail: [...grants.toReversed(), ...accounts] };
}

function rules({ records }: IdentityView, origins: readonly AuditOrigin[]): readonly string[] {
  const sourceOf = (recordId: string): string => records.find(({ id }) => id === recordId)?.source ?? recordId;
  const all = origins.map(({ name, policyVersion, recordIds }) => {
    const sources = [...new Set(recordIds.map(sourceOf))];
    return `${name}@${policyVersion}${sources.length > 0 ? ` (${sources.join(', ')})` : ''}`;
  });
  return [...new Set(all)];
}
