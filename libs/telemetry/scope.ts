import { AsyncLocalStorage } from 'node:async_hooks';

/** Correlation and span of a piece of work, kept for its callbacks. */
interface Scope {
  readonly correlation: string | null;
  /** Current span as a `traceparent` (W3C Trace Context section 3.2); `null`: tracing is off. */
  readonly traceparent: string | null;
}

const scopes = new AsyncLocalStorage<Scope>();
const none: Scope = { correlation: null, traceparent: null };

/** Runs `work` with a correlation id, which is in each of its log lines: that of the request, from the API to the targets. */
export function withCorrelation<T>(correlation: string, work: () => T): T {
  return scopes.run({ ...(scopes.getStore() ?? none), correlation }, work);
}

/** Runs `work` with a span as the current one. */
export function withTraceparent<T>(traceparent: string | null, work: () => T): T {
  return scopes.run({ ...(scopes.getStore() ?? none), traceparent }, work);
}

/** Current span, to be passed to the process that continues the work; `null`: tracing is off. */
export function currentTraceparent(): string | null {
  return scopes.getStore()?.traceparent ?? null;
}

/** Correlation and trace of a log line, for pino's `mixin`. */
export function logScope(): { correlation?: string; trace?: string } {
  const { correlation, traceparent } = scopes.getStore() ?? none;
  const trace = traceparent?.split('-')[1];
  return { ...(correlation === null ? {} : { correlation }), ...(trace === undefined ? {} : { trace }) };
}
