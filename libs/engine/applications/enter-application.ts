import { type EntryRefusal, type Instant, NotFound, type ReleasedClaims } from '@tenure/domain';
import type { ApplicationSession, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { policyInForce } from '../policy/read-policy.ts';
import { claimsDigest } from './claims-digest.ts';
import { entryDecision } from './entry-decision.ts';
import { nameAtApplication } from './name-at-application.ts';

/** Entry of a person who is logged in to Tenure into an application. */
export interface EntryRequest {
  readonly application: string;
  readonly identityId: string;
  /** Session in Tenure. Its stored end counts. */
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
 * long enough, records the use, and audits it. A refusal is audited too. No decision about the person and no end of their session comes to pass until
 * the transaction ends, so that none of them misses a session that is opened here.
 * @throws NotFound where there is no such application or person
 */
export async function enterApplication(tx: Transaction, engine: Engine, { application: name, identityId, session, details }: EntryRequest): Promise<Entry> {
  const { now } = tx.context;
  const [settings, application] = [engine.configuration.applications[name], engine.applications.get(name)];
  if (settings === undefined || application === undefined) throw new NotFound(`there is no application ${name}`, { application: name });
  const { policy } = await policyInForce(tx, engine);
  const identity = await tx.identities.keep(identityId);
  if (identity === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const event = { subjectKind: 'identity', subjectId: identityId, identityId } as const;
  const common = { application: name, protocol: settings.protocol };
  const refuse = (reason: EntryRefusal): Entry => {
    tx.audit.record({ ...event, action: 'application.refused', reason: { ...common, reason } });
    return { mayEnter: false, reason };
  };
  const sessionEnd = await tx.sessions.keep(session.id, identityId, now);
  const decision = entryDecision(application, identity, await tx.access.currentGrants([identityId]), policy, now);
  if (!decision.mayEnter) return refuse(decision.reason);
  if (sessionEnd === null) return refuse('session-ended');
  const subject = await nameAtApplication(tx, settings, identity);
  if (subject === null) return refuse('address-of-another');
  const { by, claims } = decision;
  const until = decision.until < sessionEnd ? decision.until : sessionEnd;
  const digest = claimsDigest(claims);
  const kept = await reusable(tx, session.id, name, subject, halfWay(now, until));
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
  return { mayEnter: true, session: { ...opened, claimsDigest: digest, outdatedAt: null }, subject, claims, by };
}

/** Session to go on with; one under another name of the person is ended. `null`: there is none. */
async function reusable(tx: Transaction, parentId: string, application: string, subject: string, until: Instant): Promise<ApplicationSession | null> {
  const kept = await tx.applicationSessions.reuse(parentId, application, until);
  if (kept === null || kept.subject === subject) return kept;
  await tx.applicationSessions.end([kept.id], 'other name at the application', tx.context.now);
  return null;
}

/** Instant in the middle between two: a session that lasts at least until then is gone on with. */
function halfWay(from: Instant, to: Instant): Instant {
  return new Date((Date.parse(from) + Date.parse(to)) / 2).toISOString();
}
