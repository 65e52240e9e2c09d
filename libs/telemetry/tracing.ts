/** Attributes of a span: names, ids and numbers, never personal data. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  /** Kind of the span in OpenTelemetry; `internal` unless set. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Parent as a `traceparent`; `null`: begins a new trace; the current span unless set. */
  readonly parent?: string | null;
  /** Start in milliseconds since 1970; now unless set. */
  readonly startedAt?: number;
  readonly attributes?: SpanAttributes;
}

/** One piece of work in a trace. */
export interface TraceSpan {
  /** Span as a `traceparent` for other processes; `null`: tracing is off. */
  readonly traceparent: string | null;
  /** Runs `work` with it as the current span. */
  run<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  /** Ends the span. @param end.failure a code, never a message: messages may quote input. @param end.at milliseconds since 1970; now unless set */
  end(end?: { readonly failure?: string; readonly at?: number }): void;
}

export interface Tracing {
  start(name: string, options?: SpanOptions): TraceSpan;
  /** Sends the remaining spans. */
  shutdown(): Promise<void>;
}

const noSpan: TraceSpan = { traceparent: null, run: (work) => work(), set: () => undefined, end: () => undefined };

/** Tracing without an endpoint: does nothing. */
export const noTracing: Tracing = { start: () => noSpan, shutdown: async () => undefined };

/** Runs `work` inside a span, which ends with it; a failure is recorded by its code. */
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

/** Code of an error of Tenure or of a Temporal failure, else the type of the error. */
function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return error.name;
}
