import type { ConnectionStep } from '@tenure/domain';
import { Agent, type Dispatcher, request as send } from 'undici';
import { connectionReason, reasonText } from './connection-reasons.ts';
import { codeOf } from './code-of.ts';
import { guardedLookup, leadsInside, reachOf, refusedAddress } from './outbound-address.ts';

/** Error of an identity provider without a usable answer. The message names the address and the problem, never the content of the answer. */
export class ProviderUnreachable extends Error {
  /** Step at which the connection failed. */
  readonly step: ConnectionStep;
  /** Stable code, such as `CERT_HAS_EXPIRED`. */
  readonly reason: string;
  constructor(message: string, { step, reason }: { readonly step: ConnectionStep; readonly reason: string }, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
    this.reason = reason;
  }
}

export interface ProviderRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  /** Address in tenure.yaml from which this one was discovered; this one itself by default. It limits the addresses to which it may lead. */
  readonly home?: string;
  /** Most redirects that are followed, on the same host only; none by default. */
  readonly redirects?: number;
  /** Time-out of the whole request, in milliseconds; `TIMEOUT` by default. */
  readonly timeout?: number;
  /** Most bytes of the answer's body; `LIMIT` by default. */
  readonly limit?: number;
}

const TIMEOUT = 5_000;
/** Time-out of the connection alone, in milliseconds, so that a time-out names its stage. */
const CONNECT_TIMEOUT = 3_500;
const LIMIT = 1_048_576;
/** Milliseconds for which an idle connection is kept, unless the provider states less. Balancers close theirs after a minute: ours must be first. */
const KEPT_ALIVE = 30_000;

const agentOf = (reach: 'own-network' | 'internet'): Agent =>
  new Agent({ connect: { lookup: guardedLookup(reach), timeout: CONNECT_TIMEOUT }, connections: 4, keepAliveTimeout: KEPT_ALIVE });
const agents = { 'own-network': agentOf('own-network'), internet: agentOf('internet') } as const;

/**
 * Sends one request to an identity provider, bounded in time and size, https only except on the loopback address.
 * @returns the whole answer, whatever its status
 * @throws ProviderUnreachable
 */
export async function providerFetch(address: string, request: ProviderRequest = {}): Promise<Response> {
  const signal = AbortSignal.timeout(request.timeout ?? TIMEOUT);
  let url = new URL(address);
  for (let left = request.redirects ?? 0; ; left--) {
    const answer = await once(url, request, signal);
    if (!isRedirect(answer.status) || left <= 0) return answer;
    url = sameHost(url, answer.headers.get('location'));
  }
}

async function once(url: URL, request: ProviderRequest, signal: AbortSignal): Promise<Response> {
  const home = new URL(request.home ?? url);
  const refused = refusedAddress(url, home);
  if (refused !== null) throw new ProviderUnreachable(`${url.origin}: ${refused}`, forbidden);
  const reach = await reachOf(url, home);
  if (reach === 'internet' && leadsInside(url)) throw new ProviderUnreachable(`${url.origin}: a provider elsewhere does not lead into this network`, forbidden);
  try {
    // Not fetch, whose streams and headers cost a login more than the rest of its request. It requests no compression, so no body expands here.
    const { statusCode, headers, body } = await send(url, {
      method: (request.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: { ...request.headers },
      body: request.body || null,
      dispatcher: agents[reach],
      signal,
    });
    const text = await bounded(body, request.limit ?? LIMIT);
    const fields = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]));
    const empty = [101, 204, 205, 304].includes(statusCode);
    return new Response(empty ? null : text, { status: statusCode, headers: fields });
  } catch (cause) {
    throw broken(url, cause);
  }
}

const forbidden = { step: 'reached', reason: 'ADDRESS_REFUSED' } as const;
/** Settings to name in the remedy: the address is from the configuration, or was discovered from there. */
const fields = { address: 'its address', authority: 'the file of NODE_EXTRA_CA_CERTS' };

function broken(url: URL, cause: unknown): ProviderUnreachable {
  const at = `${url.origin} did not answer as expected`;
  if (cause instanceof TooLarge) return new ProviderUnreachable(`${at}: ${cause.message}`, { step: 'answers', reason: 'TOO_LARGE' }, { cause });
  const isLate = typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'TimeoutError';
  const why = connectionReason(isLate ? 'ANSWER_TIMEOUT' : codeOf(cause), fields);
  return new ProviderUnreachable(`${at}: ${reasonText(why)}`, why, { cause });
}

class TooLarge extends Error {}

async function bounded(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw new TooLarge(`the answer is larger than ${limit} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function sameHost(from: URL, location: string | null): URL {
  const to = location === null ? null : URL.parse(location, from);
  if (to === null || to.host !== from.host || (from.protocol === 'https:' && to.protocol !== 'https:')) {
    throw new ProviderUnreachable(`${from.origin} redirects to another host, which is not followed`, { step: 'answers', reason: 'REDIRECT' });
  }
  return to;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
