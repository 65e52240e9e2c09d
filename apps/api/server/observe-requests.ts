import { type Metrics, noTracing, type TraceSpan, type Tracing, withCorrelation } from '@tenure/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface ObserveSettings {
  readonly metrics?: Pick<Metrics, 'request' | 'login'>;
  readonly tracing?: Tracing;
}

/** Routes at which logins end. */
const loginRoutes: readonly string[] = ['POST /saml/:provider/acs', 'GET /oidc/:provider/callback'];

/**
 * Counts and times every request under its route, never its address, and begins the first span of its consequences; lines logged meanwhile carry its
 * id. Has to be called before any other hook is added.
 */
export function observeRequests(fastify: FastifyInstance, { metrics, tracing = noTracing }: ObserveSettings): void {
  const spans = new WeakMap<FastifyRequest, TraceSpan>();
  const within = (request: FastifyRequest, work: () => void): void =>
    withCorrelation(request.id, () => {
      const span = spans.get(request);
      if (span === undefined) work();
      else span.run(work);
    });

  fastify.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const parent = typeof traceparent === 'string' ? traceparent : null;
    const attributes = { 'http.request.method': request.method, 'http.route': routeOf(request), 'tenure.correlation': request.id };
    spans.set(request, tracing.start(`${request.method} ${routeOf(request)}`, { kind: 'server', parent, attributes }));
    within(request, done);
  });
  // Reading a body continues from the socket's events, outside of the context of the hook before.
  fastify.addHook('preValidation', (request, _reply, done) => within(request, done));
  fastify.addHook('onResponse', (request, reply, done) => {
    const { statusCode, elapsedTime } = reply;
    metrics?.request(routeOf(request), request.method, statusCode, elapsedTime);
    if (loginRoutes.includes(`${request.method} ${routeOf(request)}`)) metrics?.login(providerOf(request), outcomeOf(statusCode), elapsedTime);
    const span = spans.get(request);
    span?.set({ 'http.response.status_code': statusCode });
    span?.end(statusCode >= 500 ? { failure: String(statusCode) } : {});
    // The log line of the answer is written after this.
    within(request, done);
  });
}

function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
}

function providerOf({ params }: FastifyRequest): string {
  return typeof params === 'object' && params !== null && 'provider' in params ? String(params.provider) : '';
}

/** Outcome of a login by its status: an accepted one redirects to a page of ours; a refusal has a status of its own; anything else failed here. */
function outcomeOf(status: number): 'accepted' | 'refused' | 'failed' {
  if (status >= 300 && status < 400) return 'accepted';
  return status < 500 || status === 502 ? 'refused' : 'failed';
}
