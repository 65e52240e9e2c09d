import type { Client } from '@temporalio/client';
import { google } from '@temporalio/proto';
import { identityWorkflowId } from '@tenure/workflows/messages';

/** Skips of one life in a row before the server asks for a pause; far above what one needs. */
const mostSkips = 5_000;

/** Lets the time of single lives pass on a real server (Temporal 1.32 and later): each has a clock of its own. */
export interface Clocks {
  /** Brings a life's clock to an instant, so that its timer fires. Once it has, that is where its clock stands. */
  forward(identityId: string, to: string): Promise<void>;
}

export function createClocks({ workflowService, options: { namespace } }: Client): Clocks {
  /** By run: how far its clock is ahead of ours, in milliseconds. */
  const ahead = new Map<string, number>();
  let count = 0;
  return {
    async forward(identityId, to) {
      const workflowExecution = { workflowId: identityWorkflowId(identityId) };
      const { workflowExecutionInfo } = await workflowService.describeWorkflowExecution({ namespace, execution: workflowExecution });
      const run = workflowExecutionInfo?.execution?.runId ?? '';
      const isAhead = ahead.get(run) ?? 0;
      // A second more, since the request takes a while; nothing is as near to another date as that.
      const left = Date.parse(to) - Date.now() - isAhead + 1000;
      if (left <= 0) return;
      ahead.set(run, isAhead + left);
      count += 1;
      await workflowService.updateWorkflowExecutionOptions({
        namespace,
        workflowExecution,
        workflowExecutionOptions: {
          timeSkippingConfig: {
            enabled: true,
            maxSessionSkipCount: mostSkips,
            fastForwardConfig: {
              id: `to ${to}, ${count}`,
              duration: google.protobuf.Duration.fromObject({ seconds: Math.floor(left / 1000), nanos: (left % 1000) * 1_000_000 }),
            },
          },
        },
        updateMask: { paths: ['time_skipping_config'] },
      });
    },
  };
}
