import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { LogoutNotice } from '../applications/logout-notices.ts';
import { readRows } from '../database/rows.ts';
import { type Credential, credentialColumns, isLiving } from '../tokens/credentials.ts';

/** Notification of an application of the end of a session. */
export type SessionNotice = Pick<LogoutNotice, 'status' | 'attempts' | 'code' | 'dueAt' | 'settledAt'>;

/** Node of the tree of a person's sessions: a session at the source, in Tenure or at an application, or a refresh token. */
export interface SessionNode extends Credential {
  readonly identityId: string;
  /** Identity provider of a session in Tenure; `null`: another kind. */
  readonly provider: string | null;
  /** Application of a session there; `null`: another kind. */
  readonly application: string | null;
  readonly protocol: LogoutNotice['protocol'] | null;
  /** Notice of the end of a session at an application; `null`: there is none, or another kind. */
  readonly notice: SessionNotice | null;
}

export interface SessionTrees {
  /**
   * Open nodes of these people with those above them, the newest first.
   * @param withEnded those too that have ended or expired, for the week for which they are kept
   */
  ofPeople(identityIds: readonly string[], now: Instant, withEnded: boolean): Promise<readonly SessionNode[]>;
  /** One node, ended ones too; `null`: there is none. */
  node(id: string): Promise<SessionNode | null>;
}

type Row = Omit<SessionNode, 'notice'> & { readonly [F in keyof SessionNotice as `notice${Capitalize<F>}`]: SessionNotice[F] | null };

const select = `select ${credentialColumns}, s.provider, a.application, a.protocol, n.status as notice_status, n.attempts as notice_attempts, n.code as notice_code,
    n.due_at as notice_due_at, n.settled_at as notice_settled_at
  from credential c left join session s on s.id = c.id left join application_session a on a.id = c.id left join logout_notice n on n.id = c.id`;

// A session at an application outlives the idle time of the one in Tenure, which is then shown with it.
const livingBelow = `select from credential b where b.parent_id = c.id and b.kind = 'application-session' and b.ended_at is null and b.expires_at > $2::timestamptz`;

export function createSessionTrees(em: EntityManager): SessionTrees {
  const read = async (where: string, values: readonly unknown[]): Promise<readonly SessionNode[]> =>
    (await readRows<Row>(em, `${select} where c.kind <> 'service-token' and ${where} order by c.created_at desc, c.id`, values)).map(toNode);
  return {
    ofPeople: (ids, now, withEnded) =>
      read(`c.identity_id = any($1::uuid[]) and ($3::boolean or (${isLiving('$2')}) or (c.ended_at is null and exists (${livingBelow})))`, [
        ids,
        now,
        withEnded,
      ]),
    node: async (id) => (await read('c.id = $1::uuid', [id]))[0] ?? null,
  };
}

function toNode({
  noticeStatus: status,
  noticeAttempts: attempts,
  noticeCode: code,
  noticeDueAt: dueAt,
  noticeSettledAt: settledAt,
  ...node
}: Row): SessionNode {
  return { ...node, notice: status === null || dueAt === null ? null : { status, attempts: attempts ?? 0, code, dueAt, settledAt } };
}
