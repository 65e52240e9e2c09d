import { Socket } from 'node:net';
import { DomainError } from '@tenure/domain';
import { Agent, buildConnector } from 'undici';
import { answerLimit, type ConnectProgress } from '@tenure/outbound';
import type { Failures } from '../failures.ts';
import { readAuthority } from '../read-authority.ts';
import { isErrorBody } from './answers.ts';
import { notScim, redirected } from './not-scim.ts';
import { refusalOf } from './refusal.ts';
import { retryAfter } from './retry-after.ts';
import type { ScimSettings } from './settings.ts';
import type { ScimAnswer } from './scim-answer.ts';

/** A request below the target's base address. */
export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments of the path, not encoded: `['Users', id]`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Version to be changed (RFC 7644 section 3.14). */
  readonly ifMatch?: string | undefined;
  readonly signal: AbortSignal;
}

/** HTTP client of one service provider. */
export interface ScimHttp {
  /**
   * Sends one request, once.
   * @throws ConnectorUnavailable without a usable answer of SCIM: no connection, 429, 5xx, a redirect,
   *   something else than JSON, a 404 that is not from SCIM, a refusal that asks to wait (Retry-After)
   * @throws ConnectorRefused for 401, 403 and 407
   */
  send(request: ScimRequest): Promise<ScimAnswer>;
  /**
   * Error for an answer that the caller did not expect.
   * @param attributes sent account attributes: those that the target names are in `details.attribute`
   */
  refusal(answer: ScimAnswer, what: string, attributes?: readonly string[]): DomainError;
  close(): Promise<void>;
}

interface Exchanged {
  readonly status: number;
  readonly retry: string | undefined;
  readonly etag: string | null;
  readonly location: string | undefined;
  /** Content type of the answer. */
  readonly type: string;
  readonly text: string;
}

/** Statuses of temporary refusals: timeout, too early, locked, too many requests. */
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
  'invalidCursor',
  'expiredCursor',
]);

/**
 * Creates a client. It opens connections with the first request and keeps them.
 * @param progress observes each new connection
 */
export function createScimHttp(settings: ScimSettings, failures: Failures, progress: ConnectProgress): ScimHttp {
  const base = new URL(settings.url);
  const prefix = base.pathname.replace(/(?<!\/)\/+$/, '');
  const agent = new Agent({ connections: settings.concurrency, connect, maxResponseSize: answerLimit, pipelining: 1 });
  let connector: buildConnector.connector | null = null;

  function connect(options: buildConnector.Options, done: buildConnector.Callback): void {
    try {
      connector ??= buildConnector({ timeout: settings.timeout, ...(settings.caFile ? { ca: readAuthority(settings.caFile, failures) } : {}) });
    } catch (error) {
      done(error as Error, null);
      return;
    }
    // Its types do not declare the socket, which it returns at once.
    const socket: unknown = connector(options, done);
    if (socket instanceof Socket) progress.follow(socket, options.hostname.replace(/^\[|\]$/g, ''), options.protocol === 'https:');
  }

  async function send(request: ScimRequest): Promise<ScimAnswer> {
    const { status, retry, etag, location, type, text } = await exchange(request);
    const wait = status >= 400 ? retryAfter(retry, Date.now()) : null;
    const details = { status: String(status), reason: `HTTP_${status}` };
    if (status >= 300 && status < 400) throw redirected(status, location, base, failures);
    if (busy.has(status) || (status >= 500 && status !== 501) || (wait !== null && status !== 404)) {
      throw failures.unavailable(`it answered HTTP ${status}`, { ...details, step: 'answers' }, { retryAfter: wait });
    }
    if (status === 401)
      throw failures.refused(`it does not accept the token (HTTP 401): give targets.${settings.name}.token one that is valid`, {
        ...details,
        step: 'credentials',
      });
    if (status === 403)
      throw failures.refused('the token is not allowed to do this (HTTP 403): give it the right to read and write users and groups', {
        ...details,
        step: 'rights',
      });
    if (status === 407) throw failures.refused('a proxy on the way asks for a login (HTTP 407): let Tenure pass without one', { ...details, step: 'reached' });
    if (status >= 400) return errorAnswer(status, type, text);
    if (status === 204 || text === '') return { status, body: null, scimType: null, etag, detail: '' };
    const body = parsed(text);
    if (body === undefined) throw notScim(status, type, text, failures);
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
      return {
        status: answer.statusCode,
        retry: header('retry-after'),
        etag: header('etag') ?? null,
        location: header('location'),
        type: header('content-type') ?? '',
        text: await answer.body.text(),
      };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof DomainError) throw error;
      throw failures.disconnected(error, progress.codeOf(error));
    }
  }

  function errorAnswer(status: number, type: string, text: string): ScimAnswer {
    const body = parsed(text);
    const ours = isErrorBody(body);
    if (status === 404 && !ours) throw notScim(status, type, text, failures);
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
