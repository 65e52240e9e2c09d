import { setTimeout as pause } from 'node:timers/promises';
import { enterApplication } from '@tenure/engine/applications';
import type { Engine } from '@tenure/engine/decide';
import type { Store } from '@tenure/store';
import { type LogoutReceiver, startLogoutReceiver } from '@tenure/testing/logout-receiver.ts';
import { ask } from './ask.ts';
import type { Random } from './random.ts';

/** Applications that people enter while everything is killed: one that is told of ends of sessions, and misbehaves, and one that cannot be told. */
export interface Applications {
  /** Part of tenure.yaml. */
  readonly yaml: string;
  /** `sid` of each session whose end was taken, as often as it was. */
  readonly taken: readonly string[];
  misbehave(): void;
  behave(): void;
  stop(): Promise<void>;
}

export async function startApplications(random: Random): Promise<Applications> {
  const wiki: LogoutReceiver = await startLogoutReceiver();
  const taken: string[] = [];
  let misbehaves = false;
  wiki.answer = (body) => {
    if (misbehaves && random.happens(0.3)) return random.happens(0.2) ? null : { status: random.pick([500, 502, 503, 429]) };
    const [, claims = ''] = (new URLSearchParams(body).get('logout_token') ?? '').split('.');
    taken.push((JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly sid: string }).sid);
    // Taken, and the answer is lost: it comes again.
    return misbehaves && random.happens(0.1) ? { status: 500 } : { status: 200 };
  };
  return {
    yaml: `
applications:
  wiki: { protocol: oidc, clientId: wiki, redirectUris: [https://wiki.example/callback], backchannelLogoutUri: "${wiki.url}", session: PT8H, mayUse: { when: "true" }, attributes: { department: identity.department } }
  library: { protocol: oidc, clientId: library, redirectUris: [https://library.example/callback], session: PT8H, mayUse: { when: 'identity.department == "Finance"' } }
`,
    taken,
    misbehave: () => void (misbehaves = true),
    behave: () => void (misbehaves = false),
    stop: () => wiki.close(),
  };
}

/** Has people who are logged in enter the applications and log out, for as long as `goesOn`. @returns numbers of entries and logouts */
export async function enterAndLeave(
  { store, engine, databaseUrl }: { readonly store: Store; readonly engine: Engine; readonly databaseUrl: string },
  random: Random,
  goesOn: () => boolean,
): Promise<{ readonly entries: number; readonly logouts: number }> {
  const count = { entries: 0, logouts: 0 };
  while (goesOn()) {
    await pause(50);
    // The database is killed too: what fails is left, as a browser would be.
    await step().catch(() => undefined);
  }
  return count;

  async function step(): Promise<void> {
    // Those who request access and decide about it stay logged in.
    const open = await ask<{ id: string; identityId: string; expiresAt: string }>(
      databaseUrl,
      `select c.id, c.identity_id as "identityId", to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "expiresAt"
       from credential c join identity i on i.id = c.identity_id where c.kind = 'session' and c.ended_at is null and i.user_name !~ '^[qr][.]'`,
    );
    if (open.length === 0) return;
    const session = random.pick(open);
    const now = new Date().toISOString();
    const context = { actor: { kind: 'person', id: session.identityId }, correlationId: 'faults', now } as const;
    if (random.happens(0.1)) {
      await store.transaction(context, (tx) => tx.sessions.revoke(session.id, 'logged out', now));
      count.logouts += 1;
      return;
    }
    const application = random.pick(['wiki', 'library']);
    const entry = await store.transaction(context, (tx) => enterApplication(tx, engine, { application, identityId: session.identityId, session, details: {} }));
    if (entry.mayEnter) count.entries += 1;
  }
}

/** Ends the pauses of applications, and the turns of workers that were killed. No worker may run meanwhile. */
export async function skipLogoutPauses(databaseUrl: string): Promise<void> {
  await ask(databaseUrl, `update logout_notice set due_at = now() where status = 'waiting' and due_at > now()`);
  await ask(databaseUrl, 'update logout_receiver set retry_at = now() where retry_at > now()');
}

/** Number of ended sessions whose applications are still to be told. */
export async function untoldSessions(databaseUrl: string): Promise<number> {
  const [row] = await ask<{ count: number }>(databaseUrl, `select count(*)::int as count from logout_notice where status = 'waiting'`);
  return row?.count ?? 0;
}

/**
 * Differences from what has to be true once all are told: no session or token of anybody who has left is open, each session at an application that
 * ended has been told where it can be, and everything that an application took was a session that ended.
 */
export async function differencesOfSessions(databaseUrl: string, { taken }: Applications): Promise<readonly string[]> {
  const open = await ask<{ kind: string; identity: string; state: string }>(
    databaseUrl,
    `select c.kind, i.id as identity, i.state from credential c join identity i on i.id = c.identity_id where c.ended_at is null and c.kind <> 'service-token' and i.state <> 'active'`,
  );
  const below = await ask<{ kind: string; id: string }>(
    databaseUrl,
    `select c.kind, c.id from credential c join credential p on p.id = c.parent_id where c.ended_at is null and p.ended_at is not null`,
  );
  const ended = await ask<{ application: string; sid: string; status: string | null }>(
    databaseUrl,
    `select a.application, a.session_index as sid, n.status from application_session a join credential c on c.id = a.id left join logout_notice n on n.id = c.id where c.ended_at is not null`,
  );
  const expected = (application: string): string => (application === 'wiki' ? 'confirmed' : 'no-channel');
  const sids = new Set(ended.filter(({ application }) => application === 'wiki').map(({ sid }) => sid));
  return [
    ...open.map(({ kind, identity, state }) => `a ${kind} of ${identity}, who is ${state}, is open`),
    ...below.map(({ kind, id }) => `the ${kind} ${id} is open below one that ended`),
    ...ended.filter(({ application, status }) => status !== expected(application)).map(({ application, sid, status }) => `${sid} at ${application}: ${status}`),
    ...[...sids].filter((sid) => !taken.includes(sid)).map((sid) => `the wiki never got the end of ${sid}`),
    ...[...new Set(taken)].filter((sid) => !sids.has(sid)).map((sid) => `the wiki got the end of ${sid}, which has not ended`),
  ];
}
