import type { DomainError } from '@tenure/domain';
import { Agent } from 'undici';
import { answerLimit } from '../bounded-socket.ts';
import { codeOf, type Failures } from '../failures.ts';
import { isErrorBody } from './answers.ts';
import { refusalOf } from './refusal.ts';
import { retryAfter } from './retry-after.ts';
import type { ScimSettings } from './settings.ts';

/** A request below the target's base address. */
export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments, not yet encoded: `['Users', id]`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The version that is changed (RFC 7644 section 3.14). */
  readonly ifMatch?: string | undefined;
  readonly signal: AbortSignal;
}

/** An answer that is worth looking at: success, or a refusal that may mean something to the caller. */
export interface ScimAnswer {
  readonly status: number;
  /** Parsed JSON; `null` when there was no body. */
  readonly body: unknown;
  /** The error's keyword, e.g. `uniqueness` (RFC 7644 table 9). */
  readonly scimType: string | null;
  /** The header ETag, as it was sent. */
  readonly etag: string | null;
  /** What the target wrote about an error. It may hold a person's data: names of attributes are looked for in it, and nothing of it is shown. */
  readonly detail: string;
}

/** Speaks HTTP with one service provider. */
export interface ScimHttp {
  /**
   * Sends one request, once.
   * @throws ConnectorUnavailable when there is no answer that could be one of SCIM: no connection, 429, 5xx, a redirect,
   *   something else than JSON, a 404 that does not come from SCIM, a refusal that asks to wait (Retry-After)
   * @throws ConnectorRefused for 401, 403 and 407
   */
  send(request: ScimRequest): Promise<ScimAnswer>;
  /**
   * The error for an answer that the caller did not expect.
   * @param attributes account attributes that were sent: those that the target names are in `details.attribute`
   */
  refusal(answer: ScimAnswer, what: string, attributes?: readonly string[]): DomainError;
  close(): Promise<void>;
}

interface Exchanged {
  readonly status: number;
  readonly retry: string | undefined;
  readonly etag: string | null;
  readonly text: string;
}

/** Refusals of this moment alone: time-out, too early, locked, too many requests. */
const busy: ReadonlySet<number> = new Set([408, 423, 425, 429]);

const knownTypes: ReadonlySet<string> = new Set([
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive',
]);

/** Opens nothing yet: connections come with the first request and are kept. */
export function createScimHttp(settings: ScimSettings, failures: Failures): ScimHttp {
  const base = new URL(settings.url);
  const prefix = base.pathname.replace(/\/+$/, '');
  const agent = new Agent({ connections: settings.concurrency, connectTimeout: settings.timeout, maxResponseSize: answerLimit, pipelining: 1 });

  async function send(request: ScimRequest): Promise<ScimAnswer> {
    const { status, retry, etag, text } = await exchange(request);
    const wait = status >= 400 ? retryAfter(retry, Date.now()) : null;
    if (status >= 300 && status < 400) throw failures.unavailable('it answered with a redirect, which is never followed', { status: String(status) });
    if (busy.has(status) || (status >= 500 && status !== 501) || (wait !== null && status !== 404)) {
      throw failures.unavailable(`it answered HTTP ${status}`, { status: String(status) }, { retryAfter: wait });
    }
    if (status === 401 || status === 403 || status === 407) throw failures.refused('it does not accept the token for this', { status: String(status) });
    if (status >= 400) return errorAnswer(status, text);
    if (status === 204 || text === '') return { status, body: null, scimType: null, etag, detail: '' };
    const body = parsed(text);
    if (body === undefined) throw failures.unavailable('its answer is not JSON, or not all of it', { status: String(status) });
    return { status, body, scimType: null, etag, detail: '' };
  }

  async function exchange({ method, path, query, body, ifMatch, signal }: ScimRequest): Promise<Exchanged> {
    const search = query ? `?${new URLSearchParams(query)}` : '';
    try {
      const answer = await agent.request({
        origin: base.origin,
        path: `${prefix}/${path.map(encodeURIComponent).join('/')}${search}`,
        method,
        signal,
        headers: {
          accept: 'application/scim+json, application/json',
          authorization: `Bearer ${settings.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
          ...(ifMatch ? { 'if-match': ifMatch } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const header = (name: string): string | undefined => [answer.headers[name]].flat()[0];
      return { status: answer.statusCode, retry: header('retry-after'), etag: header('etag') ?? null, text: await answer.body.text() };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw failures.unavailable('the connection failed', { reason: codeOf(error) }, { cause: error });
    }
  }

  function errorAnswer(status: number, text: string): ScimAnswer {
    const body = parsed(text);
    const ours = isErrorBody(body);
    if (status === 404 && !ours) throw failures.unavailable('its HTTP 404 is not an answer of SCIM', { status: '404' });
    const scimType = ours && body.scimType && knownTypes.has(body.scimType) ? body.scimType : null;
    return { status, body: null, scimType, etag: null, detail: ours && typeof body.detail === 'string' ? body.detail : '' };
  }

  return {
    send,
    refusal: (answer, what, attributes = []) => refusalOf(failures, answer, what, attributes),
    close: () => agent.destroy(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
