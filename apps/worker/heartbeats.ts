import { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';

/** Milliseconds; well within these activities' heartbeat timeouts. */
const every = 3_000;
/** Activities that report progress in their heartbeats send them themselves: one from here would overwrite it. */
const activities: readonly string[] = ['decide', 'applyOperations', 'beginReconciliation', 'readAccounts', 'concludeReconciliation'];

/** Sends heartbeats to Temporal for as long as an activity runs, whatever it waits for: so only those of a worker that died are given to another. */
export function heartbeats(): { readonly inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
        const context = Context.current();
        if (!activities.includes(context.info.activityType)) return next(input);
        const timer = setInterval(() => context.heartbeat(), every);
        try {
          return await next(input);
        } finally {
          clearInterval(timer);
        }
      },
    },
  };
}
