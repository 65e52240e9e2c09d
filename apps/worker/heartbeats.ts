import { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';

/** Milliseconds; well within all heartbeat timeouts of workflows. */
const every = 3_000;
/** Activities that continue from the progress in their last heartbeat send all of them themselves: one from here would overwrite it. */
const reporting: readonly string[] = ['applyWave'];

/**
 * Sends heartbeats to Temporal for as long as an activity runs that is expected to send them, whatever it waits for: so only those of a worker that died
 * are given to another, and none is taken for lost that works for longer than its heartbeat timeout.
 */
export function heartbeats(): { readonly inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
        const context = Context.current();
        const { activityType, heartbeatTimeoutMs = 0 } = context.info;
        if (heartbeatTimeoutMs === 0 || reporting.includes(activityType)) return next(input);
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
