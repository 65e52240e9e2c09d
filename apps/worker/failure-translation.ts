import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { DomainError } from '@tenure/domain';
import { toFailure } from '@tenure/temporal/failures';
import type { Logger } from 'pino';

/** The one place where an activity's error becomes a Temporal failure. The original is logged here, since history must not hold a stranger's text. */
export function failureTranslation(logger: Logger): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          const { activityType, attempt, workflowExecution, taskQueue } = Context.current().info;
          const entry = { activity: activityType, attempt, queue: taskQueue, workflow: workflowExecution?.workflowId };
          if (error instanceof DomainError) logger.warn({ ...entry, code: error.code, details: error.details }, error.message);
          else if (!Context.current().cancellationSignal.aborted) logger.error({ ...entry, err: error }, 'an activity failed unexpectedly');
          throw toFailure(error);
        }
      },
    },
  });
}
