import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { DomainError } from '@tenure/domain';
import { toFailure } from '@tenure/workflows/failures';
import { logChanges } from '@tenure/telemetry';
import type { Logger } from 'pino';

/** Maximum number of workflows that are remembered for one failure. */
const mostWorkflows = 10_000;

/**
 * Translates an activity's error into a Temporal failure, in this one place. The original is logged here, since history must not contain foreign
 * text: once when an error begins in a queue (of a target, say), for all workflows together, and once when all of them got through.
 */
export function failureTranslation(logger: Logger, clock?: () => number): ActivityInterceptorsFactory {
  const changes = logChanges(logger, clock);
  /** Failures by activity and queue, with the workflows that have them. */
  const failing = new Map<string, Map<string, Set<string>>>();
  const succeeded = (place: string, workflow: string): void => {
    for (const [key, workflows] of failing.get(place) ?? []) {
      if (!workflows.delete(workflow) || workflows.size > 0) continue;
      failing.get(place)?.delete(key);
      const [activity, queue, code] = key.split('\n');
      changes.recovered(key, 'an activity that had failed succeeds again', { activity, queue, code });
    }
  };
  const failed = (place: string, workflow: string, error: unknown): void => {
    const { activityType, attempt, taskQueue } = Context.current().info;
    const entry = { activity: activityType, attempt, queue: taskQueue, workflow };
    const key = `${place}\n${kindOf(error)}`;
    const isNews =
      error instanceof DomainError
        ? changes.failed(key, { ...entry, code: error.code, details: error.details }, error.message)
        : changes.failed(key, { ...entry, err: error }, 'an activity failed unexpectedly', 'error');
    const here = failing.get(place) ?? new Map<string, Set<string>>();
    const workflows = (isNews ? undefined : here.get(key)) ?? new Set();
    if (workflows.size < mostWorkflows) workflows.add(workflow);
    failing.set(place, here.set(key, workflows));
  };
  return () => ({
    inbound: {
      async execute(input, next) {
        const { activityType, workflowExecution, taskQueue } = Context.current().info;
        const [place, workflow] = [`${activityType}\n${taskQueue}`, workflowExecution?.workflowId ?? ''];
        try {
          const result = await next(input);
          succeeded(place, workflow);
          return result;
        } catch (error) {
          if (error instanceof DomainError || !Context.current().cancellationSignal.aborted) failed(place, workflow, error);
          throw toFailure(error);
        }
      },
    },
  });
}

/** Key by which two failures are the same: the code, with the reason or step where there is one; of an error that is not ours its kind and message. */
function kindOf(error: unknown): string {
  if (error instanceof DomainError) return [error.code, error.details['reason'] ?? error.details['step'] ?? ''].join('\n');
  return error instanceof Error ? `${error.name}\n${error.message}` : 'unknown';
}
