import type { Client } from '@temporalio/client';
import { google } from '@temporalio/proto';
import { dueAtAttribute } from '@tenure/workflows/search-attributes';
import { identityWorkflowId } from '@tenure/workflows/messages';

/** Time skips of one workflow in a row before the server asks for a pause; far above what one needs. */
const mostSkips = 5_000;

/**
 * Milliseconds by which a workflow's clock is brought further than its date. Its work then takes real time, on a busy machine seconds: a workflow
 * that is still at work when its clock gets there by itself is brought on to its next date, and to the one after that.
 */
const further = 30_000;

/** Lets the time of single identity lifecycle workflows pass on a real server (Temporal 1.32 and later): each has a clock of its own. */
export interface Clocks {
  /**
   * Brings a workflow's clock to an instant and half a minute further, so that its timer fires.
   * @returns true if it is under way; `false` while the workflow is not asleep: to be tried again
   */
  forward(identityId: string, to: string): Promise<boolean>;
}

export function createClocks({ workflow, workflowService, options: { namespace } }: Client): Clocks {
  return {
    async forward(identityId, to) {
      const { raw, runId, status, typedSearchAttributes } = await workflow.getHandle(identityWorkflowId(identityId)).describe();
      const sleepsUntil = typedSearchAttributes.get(dueAtAttribute)?.toISOString() ?? null;
      const isBusy = raw.pendingWorkflowTask != null || (raw.pendingActivities ?? []).length > 0;
      if (status.name !== 'RUNNING' || isBusy || sleepsUntil === null || sleepsUntil > to) return false;
      const { currentTime, effectiveConfig } = raw.workflowExtendedInfo?.timeSkippingInfo ?? {};
      // Its clock shows it only a moment later: a second call meanwhile brings it as far again.
      if (effectiveConfig?.fastForwardConfig?.id === to) return true;
      const left = Date.parse(to) - (millisecondsOf(currentTime) ?? Date.now()) + further;
      if (left <= 0) return true;
      await workflowService.updateWorkflowExecutionOptions({
        namespace,
        // The run that was looked at, and no later one: that has another clock.
        workflowExecution: { workflowId: identityWorkflowId(identityId), runId },
        workflowExecutionOptions: {
          timeSkippingConfig: {
            enabled: true,
            maxSessionSkipCount: mostSkips,
            fastForwardConfig: {
              id: to,
              duration: google.protobuf.Duration.fromObject({ seconds: Math.floor(left / 1000), nanos: (left % 1000) * 1_000_000 }),
            },
          },
        },
        updateMask: { paths: ['time_skipping_config'] },
      });
      return true;
    },
  };
}

function millisecondsOf(time: google.protobuf.ITimestamp | null | undefined): number | null {
  return time == null ? null : Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000);
}
