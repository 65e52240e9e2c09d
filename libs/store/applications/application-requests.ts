import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { readRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Request of an application for a login, which waits until its person has proved who they are. */
export interface ApplicationRequest {
  readonly id: string;
  readonly application: string;
  /** Id of the application's message; `null`: Tenure began by itself. */
  readonly messageId: string | null;
  /** SHA-256 of the secret in the cookie of the browser that began. */
  readonly browserHash: string;
  /** Demands of the message, by its protocol. */
  readonly demands: Readonly<Record<string, unknown>>;
  /** Times that the person was sent to a login for it. */
  readonly asked: number;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

export interface ApplicationRequests {
  add(request: Omit<ApplicationRequest, 'asked'>): Promise<void>;
  /** Requests with these ids, expired ones too. */
  look(ids: readonly string[]): Promise<readonly ApplicationRequest[]>;
  /** Counts that the person is sent to a login. */
  noteAsked(id: string): Promise<void>;
  /** Uses a request up. @returns false when it was answered already */
  take(id: string): Promise<boolean>;
}

export function createApplicationRequests(em: EntityManager): ApplicationRequests {
  return {
    async add({ id, application, messageId, browserHash, demands, createdAt, expiresAt }) {
      await run(
        em,
        'insert into application_request (id, application, message_id, browser_hash, demands, created_at, expires_at) values ($1, $2, $3, $4, $5::jsonb, $6::timestamptz, $7::timestamptz) returning 1',
        [id, application, messageId, browserHash, JSON.stringify(demands), createdAt, expiresAt],
      );
    },
    look: (ids) => readRows<ApplicationRequest>(em, 'select * from application_request where id = any($1::text[])', [ids]),
    async noteAsked(id) {
      await run(em, 'update application_request set asked = asked + 1 where id = $1 returning 1', [id]);
    },
    // The delete decides: of concurrent answers, in any processes, one deletes the row.
    take: async (id) => (await run(em, 'delete from application_request where id = $1 returning 1', [id])).length === 1,
  };
}
