import type { Span, SpanKind } from '@opentelemetry/api';
import { currentTraceparent, withTraceparent } from './scope.ts';
import { noTracing, type SpanOptions, type TraceSpan, type Tracing } from './tracing.ts';

export interface TracingSettings {
  /** Base address of an OTLP receiver that accepts HTTP with JSON (port 4318); `null`: tracing is off, and the SDK is not loaded. */
  readonly endpoint: string | null;
  /** Value of `service.name`. */
  readonly service: string;
  /** Milliseconds for which spans are collected before they are sent; 5000 unless set. */
  readonly delay?: number;
}

const traceparentShape = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Starts tracing to an OpenTelemetry collector. An outage of it loses spans and nothing else. Sampling follows the origin of the trace. */
export async function openTracing({ endpoint, service, delay }: TracingSettings): Promise<Tracing> {
  if (endpoint === null) return noTracing;
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const kinds: Readonly<Record<NonNullable<SpanOptions['kind']>, SpanKind>> = {
    internal: SpanKind.INTERNAL,
    server: SpanKind.SERVER,
    client: SpanKind.CLIENT,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
  };
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/(?<!\/)\/+$/, '')}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'tenure' }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, ...(delay === undefined ? {} : { scheduledDelayMillis: delay }) })],
  });
  const tracer = provider.getTracer('tenure');

  const parentContext = (traceparent: string | null) => {
    const [, traceId, spanId, flags] = traceparentShape.exec(traceparent ?? '') ?? [];
    if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
  };
  const wrap = (span: Span): TraceSpan => {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
    return {
      traceparent,
      run: (work) => withTraceparent(traceparent, work),
      set: (attributes) => void span.setAttributes({ ...attributes }),
      end: ({ failure, at } = {}) => {
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure }).setAttribute('error.type', failure);
        span.end(at);
      },
    };
  };
  return {
    start: (name, { kind = 'internal', parent = currentTraceparent(), startedAt, attributes = {} } = {}) =>
      wrap(
        tracer.startSpan(
          name,
          { kind: kinds[kind], attributes: { ...attributes }, ...(startedAt === undefined ? {} : { startTime: startedAt }) },
          parentContext(parent),
        ),
      ),
    shutdown: () => provider.shutdown(),
  };
}
