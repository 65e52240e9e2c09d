export { endOnUncaught } from './end-on-uncaught.ts';
export { errorForLog, type LoggedError } from './error-for-log.ts';
export { createMetrics, type Metrics, type MetricNames } from './metrics.ts';
export { followPulse, type Pulse } from './follow-pulse.ts';
export { openTracing, type TracingSettings } from './open-tracing.ts';
export { isReady, type Readiness, type ReadinessCheck, readinessOf } from './readiness.ts';
export { currentTraceparent, logScope, withCorrelation } from './scope.ts';
export { type ProbeAnswer, type ProbeServer, serveProbes } from './serve-probes.ts';
export { inSpan, noTracing, type SpanAttributes, type SpanOptions, type TraceSpan, type Tracing } from './tracing.ts';
