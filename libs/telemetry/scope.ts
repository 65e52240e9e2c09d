import { AsyncLocalStorage } from 'node:async_hooks';

/** What a piece of work belongs to, wherever its callbacks run. */
interface Scope {
  readonly correlation: string | null;
  /** The current span as a `traceparent` (W3C Trace Context section 3.2); `null` where nothing is traced. */
  readonly traceparent: string | null;
}

const scopes = new AsyncLocalStorage<Scope>();
const none: Scope = { correlation: null, traceparent: null };

/** Every line logged during `work` carries this id: the one that the request was given, all the way to the targets. */
export function withCorrelation<T>(correlation: string, work: () => T): T {
  return scopes.run({ ...(scopes.getStore() ?? none), correlation }, work);
}

/** Makes a span the current one during `work`. */
export function withTraceparent<T>(traceparent: string | null, work: () => T): T {
  return scopes.run({ ...(scopes.getStore() ?? none), traceparent }, work);
}

/** The current span, to be handed on to whoever goes on with the work. */
export function currentTraceparent(): string | null {
  return scopes.getStore()?.traceparent ?? null;
}

/** What a log line says of where it belongs; for pino's `mixin`. */
export function logScope(): { correlation?: string; trace?: string } {
  const { correlation, traceparent } = scopes.getStore() ?? none;
  const trace = traceparent?.split('-')[1];
  return { ...(correlation === null ? {} : { correlation }), ...(trace === undefined ? {} : { trace }) };
}
