import type { Client } from '@temporalio/client';
import { google } from '@temporalio/proto';
import { identityWorkflowId } from '@tenure/workflows/messages';

/** Skips of one life in a row before the server asks for a pause; far above what one needs. */
const mostSkips = 5_000;

/** Lets the time of single lives pass on a real server (Temporal 1.32 and later): each has a clock of its own. */
export interface Clocks {
  /**
   * Brings a life's clock to an instant, so that its timer fires, unless it is there already. To be asked again while the life has not
   * answered: one that ended meanwhile began anew, with another clock.
   */
  forward(identityId: string, to: string): Promise<void>;
}

export function createClocks({ workflowService, options: { namespace } }: Client): Clocks {
  let count = 0;
  return {
    async forward(identityId, to) {
      const { workflowExecutionInfo, workflowExtendedInfo } = await workflowService.describeWorkflowExecution({
        namespace,
        execution: { workflowId: identityWorkflowId(identityId) },
      });
      const { currentTime, fastForwardInfo } = workflowExtendedInfo?.timeSkippingInfo ?? {};
      const [itsNow, isOnItsWay] = [millisecondsOf(currentTime) ?? Date.now(), fastForwardInfo?.hasCompleted === false];
      // A second more, since the timer is set a moment after what it is reckoned from; nothing is as near to another date as that.
      const left = Date.parse(to) - itsNow + 1000;
      if (isOnItsWay || left <= 0) return;
      count += 1;
      await workflowService.updateWorkflowExecutionOptions({
        namespace,
        // The run that was looked at, and no later one: that would be brought as much too far.
        workflowExecution: workflowExecutionInfo?.execution ?? null,
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

function millisecondsOf(time: google.protobuf.ITimestamp | null | undefined): number | null {
  return time == null ? null : Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000);
}
