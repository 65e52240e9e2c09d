/** Names, ids and numbers: never what is known of a person. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  /** As OpenTelemetry means it; `internal` unless set. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** A `traceparent` to go on from, or `null` to begin a new trace; the current span unless set. */
  readonly parent?: string | null;
  /** Milliseconds since 1970; now unless set. */
  readonly startedAt?: number;
  readonly attributes?: SpanAttributes;
}

/** One piece of work in a trace. */
export interface TraceSpan {
  /** To hand on, so that others can go on from it; `null` when nothing is traced. */
  readonly traceparent: string | null;
  /** Makes it the current span during `work`. */
  run<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  /** @param end.failure a code, never a message: messages may quote a stranger. @param end.at milliseconds since 1970; now unless set */
  end(end?: { readonly failure?: string; readonly at?: number }): void;
}

export interface Tracing {
  start(name: string, options?: SpanOptions): TraceSpan;
  /** Sends what is still waiting. */
  shutdown(): Promise<void>;
}

const noSpan: TraceSpan = { traceparent: null, run: (work) => work(), set: () => undefined, end: () => undefined };

/** Where no endpoint is configured. */
export const noTracing: Tracing = { start: () => noSpan, shutdown: async () => undefined };

/** Runs `work` inside a span, which ends with it; a failure is told by its code. */
export async function inSpan<T>(tracing: Tracing, name: string, options: SpanOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  const span = tracing.start(name, options);
  try {
    const result = await span.run(() => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end({ failure: failureCode(error) });
    throw error;
  }
}

/** The code of one of our errors or of a Temporal failure, else the kind of error. */
function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return error.name;
}
