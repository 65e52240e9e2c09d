import { createHash } from 'node:crypto';
import type { ApplicationSettings } from '@tenure/config';
import { decideEntry, type EntryRefusal, type Instant, NotFound, type ReleasedClaims } from '@tenure/domain';
import type { ApplicationSession, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { policyInForce } from '../policy/read-policy.ts';

/** Entry of a person who is logged in to Tenure into an application. */
export interface EntryRequest {
  readonly application: string;
  readonly identityId: string;
  /** Session in Tenure, and its end. */
  readonly session: { readonly id: string; readonly expiresAt: Instant };
  /** Facts of the protocol that a logout needs. */
  readonly details: ApplicationSession['details'];
}

export type Entry =
  | {
      readonly mayEnter: true;
      readonly session: ApplicationSession;
      /** Name of the person at the application. */
      readonly subject: string;
      readonly claims: ReleasedClaims;
      /** Entitlements that let the person in; empty: the rule of the application does. */
      readonly by: readonly string[];
    }
  | { readonly mayEnter: false; readonly reason: EntryRefusal };

/**
 * Decides about an entry, and where the person may enter: opens a session at the application below the one in Tenure, or goes on with one that lasts
 * long enough, records the use, and audits it. A refusal is audited too.
 * @throws NotFound where there is no such application or person
 */
export async function enterApplication(tx: Transaction, engine: Engine, { application: name, identityId, session, details }: EntryRequest): Promise<Entry> {
  const { now } = tx.context;
  const [settings, application] = [engine.configuration.applications[name], engine.applications.get(name)];
  if (settings === undefined || application === undefined) throw new NotFound(`there is no application ${name}`, { application: name });
  const { policy } = await policyInForce(tx, engine);
  const identity = await tx.identities.get(identityId);
  if (identity === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const grants = await tx.access.currentGrants([identityId]);
  const next = identity.lifecycle?.next ?? null;
  const isStale = next !== null && next.at <= now;
  const decision = decideEntry({
    application,
    identity,
    state: isStale ? next.state : identity.state,
    endsAt: next !== null && next.state !== 'active' ? next.at : null,
    grants,
    policy: policy.document,
    now,
  });
  const event = { subjectKind: 'identity', subjectId: identityId, identityId } as const;
  const common = { application: name, protocol: settings.protocol };
  if (!decision.mayEnter) {
    tx.audit.record({ ...event, action: 'application.refused', reason: { ...common, reason: decision.reason } });
    return decision;
  }
  const { by, claims } = decision;
  const until = decision.until < session.expiresAt ? decision.until : session.expiresAt;
  const subject = await subjectOf(tx, settings, identityId, identity.attributes['email']?.value);
  const digest = claimsDigest(claims);
  const kept = await tx.applicationSessions.reuse(session.id, name, halfWay(now, until));
  const opened =
    kept ??
    (await tx.applicationSessions.open(
      { identityId, parentId: session.id, application: name, protocol: settings.protocol, subject, claimsDigest: digest, expiresAt: until, details },
      now,
    ));
  if (kept !== null) await tx.applicationSessions.noteClaims(kept.id, digest, { ...kept.details, ...details });
  await tx.applicationPeople.noteEntry(name, identityId, by, now);
  const reason = { ...common, by, claims: Object.keys(claims.attributes), groups: claims.groups, until: opened.expiresAt, policyVersion: policy.version };
  tx.audit.record({ ...event, action: 'application.entered', reason });
  return { mayEnter: true, session: { ...opened, claimsDigest: digest }, subject, claims, by };
}

async function subjectOf(
  tx: Transaction,
  { name, subject }: Pick<ApplicationSettings, 'name' | 'subject'>,
  identityId: string,
  email: unknown,
): Promise<string> {
  return subject === 'email' && typeof email === 'string' ? email : tx.applicationPeople.subjectOf(name, identityId, tx.context.now);
}

/** Instant in the middle between two: a session that lasts at least until then is gone on with. */
function halfWay(from: Instant, to: Instant): Instant {
  return new Date((Date.parse(from) + Date.parse(to)) / 2).toISOString();
}

/** Digest of the claims that an application received, by which a change is seen: hexadecimal SHA-256. */
export function claimsDigest({ attributes, groups }: ReleasedClaims): string {
  const inOrder = Object.keys(attributes)
    .sort()
    .map((name) => [name, attributes[name]]);
  return createHash('sha256')
    .update(JSON.stringify([inOrder, groups]))
    .digest('hex');
}
