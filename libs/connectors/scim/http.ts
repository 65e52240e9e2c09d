import { Agent } from 'undici';
import { answerLimit } from '../bounded-socket.ts';
import { codeOf, type Failures } from '../failures.ts';
import { isErrorBody } from './answers.ts';
import { retryAfter } from './retry-after.ts';
import type { ScimSettings } from './settings.ts';

/** A request below the target's base address. */
export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments, not yet encoded: `['Users', id]`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The version that a PUT replaces (RFC 7644 section 3.14). */
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
}

/** Speaks HTTP with one service provider. */
export interface ScimHttp {
  /**
   * Sends one request, once.
   * @throws ConnectorUnavailable when there is no answer that could be one of SCIM: no connection, 429, 5xx, a redirect,
   *   something else than JSON, a 404 that does not come from SCIM
   * @throws ConnectorRefused for 401, 403 and 407
   */
  send(request: ScimRequest): Promise<ScimAnswer>;
  /** The error for an answer that the caller did not expect. */
  refusal(answer: ScimAnswer, what: string): Error;
  close(): Promise<void>;
}

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
  const prefix = base.pathname.replace(/(?<!\/)\/+$/, '');
  const agent = new Agent({ connections: settings.concurrency, connectTimeout: settings.timeout, maxResponseSize: answerLimit, pipelining: 1 });

  async function send(request: ScimRequest): Promise<ScimAnswer> {
    const { status, retry, text } = await exchange(request);
    if (status >= 300 && status < 400) throw failures.unavailable('it answered with a redirect, which is never followed', { status: String(status) });
    if (status === 401 || status === 403 || status === 407) throw failures.refused('it does not accept the token for this', { status: String(status) });
    if (status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501)) {
      throw failures.unavailable(`it answered HTTP ${status}`, { status: String(status) }, { retryAfter: retryAfter(retry, Date.now()) });
    }
    if (status >= 400) return errorAnswer(status, text);
    if (status === 204 || text === '') return { status, body: null, scimType: null };
    const body = parsed(text);
    if (body === undefined) throw failures.unavailable('its answer is not JSON, or not all of it', { status: String(status) });
    return { status, body, scimType: null };
  }

  async function exchange({ method, path, query, body, ifMatch, signal }: ScimRequest): Promise<{ status: number; retry: string | undefined; text: string }> {
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
      const retry = answer.headers['retry-after'];
      return { status: answer.statusCode, retry: Array.isArray(retry) ? retry[0] : retry, text: await answer.body.text() };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw failures.unavailable('the connection failed', { reason: codeOf(error) }, { cause: error });
    }
  }

  function errorAnswer(status: number, text: string): ScimAnswer {
    const body = parsed(text);
    const ours = isErrorBody(body);
    if (status === 404 && !ours) throw failures.unavailable('its HTTP 404 is not an answer of SCIM', { status: '404' });
    return { status, body: null, scimType: ours && body.scimType && knownTypes.has(body.scimType) ? body.scimType : null };
  }

  return {
    send,
    refusal({ status, scimType }, what) {
      const details = { status: String(status), ...(scimType ? { scimType } : {}) };
      if (status === 412) return failures.unavailable(`${what}: it was changed meanwhile`, details);
      if (status < 400) return failures.unavailable(`${what}: the answer is not what SCIM says`, details);
      return failures.refused(`${what}: refused with HTTP ${status}${scimType ? ` (${scimType})` : ''}`, details);
    },
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
