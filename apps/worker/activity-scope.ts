import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { inSpan, type Tracing, withCorrelation } from '@tenure/telemetry';

/** Parameters of every activity beside its own input. */
interface Scoped {
  readonly correlationId?: string;
  readonly traceparent?: string;
  /** The workflow's time, where it was passed. */
  readonly now?: string;
  readonly identityId?: string;
  readonly target?: string;
}

/** Interceptors by which lines logged in an activity have the id of the request that caused it, and its spans continue that request's. */
export function activityScope(tracing: Tracing): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      execute(input, next) {
        const given = (input.args[0] ?? {}) as Scoped;
        const work = () =>
          inSpan(tracing, nameOf(given), { kind: 'consumer', parent: workflowSpan(tracing, given), attributes: attributesOf(given) }, () => next(input));
        return given.correlationId === undefined ? work() : withCorrelation(given.correlationId, work);
      },
    },
  });
}

function nameOf({ target }: Scoped): string {
  const { activityType } = Context.current().info;
  return target === undefined ? activityType : `${activityType} ${target}`;
}

function attributesOf({ correlationId, identityId, target }: Scoped): Readonly<Record<string, string | number>> {
  const { attempt, taskQueue, workflowExecution } = Context.current().info;
  return {
    'temporal.attempt': attempt,
    'temporal.queue': taskQueue,
    ...(workflowExecution === undefined ? {} : { 'temporal.workflow': workflowExecution.workflowId, 'temporal.run': workflowExecution.runId }),
    ...(correlationId === undefined ? {} : { 'tenure.correlation': correlationId }),
    ...(identityId === undefined ? {} : { 'tenure.identity': identityId }),
    ...(target === undefined ? {} : { 'tenure.target': target }),
  };
}

/**
 * Span of the workflow's own part: from the time at which it continued until Temporal had the activity. Workflows run in a sandbox that knows no
 * clock but Temporal's, so the span is made here, by the first activity that they ask for.
 */
function workflowSpan(tracing: Tracing, { traceparent, now }: Scoped): string | null {
  const { scheduledTimestampMs, workflowType, attempt } = Context.current().info;
  if (now === undefined || attempt > 1) return traceparent ?? null;
  const startedAt = Math.min(Date.parse(now), scheduledTimestampMs);
  const span = tracing.start(workflowType ?? 'workflow', { kind: 'consumer', parent: traceparent ?? null, startedAt });
  span.end({ at: scheduledTimestampMs });
  return span.traceparent;
}
