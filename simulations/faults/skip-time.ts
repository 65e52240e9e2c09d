import { google, temporal } from '@temporalio/proto';
import { identityWorkflowId } from '@tenure/workflows/messages';
import { connectTemporal } from '@tenure/tools/tenure/connect-temporal.ts';
import { temporalNamespace } from './installation.ts';

/** Maximum number of time skips: more than the attempts meanwhile; the server's own limit is for shorter times. */
const mostSkips = 5_000;

/**
 * Lets time pass for these identity lifecycles alone: their timers and pauses between attempts end at once, and each attempt is made.
 * @param minutes by their clocks
 * @param within milliseconds that it may take
 * @throws Error when the server cannot (before version 1.32), or it takes too long
 */
export async function skipTime(address: string, identityIds: readonly string[], minutes: number, within: number): Promise<void> {
  const connection = await connectTemporal({ address });
  const { workflowService } = connection;
  const namespace = temporalNamespace;
  const id = `${minutes} minutes`;
  try {
    await Promise.all(
      identityIds.map(async (identityId) => {
        const workflowExecution = { workflowId: identityWorkflowId(identityId) };
        await workflowService.updateWorkflowExecutionOptions({
          namespace,
          workflowExecution,
          workflowExecutionOptions: {
            timeSkippingConfig: {
              enabled: true,
              maxSessionSkipCount: mostSkips,
              fastForwardConfig: { id, duration: google.protobuf.Duration.fromObject({ seconds: minutes * 60 }) },
            },
          },
          updateMask: { paths: ['time_skipping_config'] },
        });
        const deadline = Date.now() + within;
        for (let hasPassed = false; !hasPassed; ) {
          if (Date.now() > deadline) throw new Error(`${id} did not pass within ${within} ms`);
          const { fastForwardInfo } = await connection.withDeadline(Date.now() + 60_000, () =>
            workflowService.pollWorkflowExecutionTimeSkipping({ namespace, workflowExecution, fastForwardId: id }),
          );
          hasPassed = fastForwardInfo?.hasCompleted ?? false;
        }
      }),
    );
  } finally {
    await connection.close();
  }
}

/** Number of these people who have a running identity lifecycle workflow. */
export async function livesThatRun(address: string, identityIds: readonly string[]): Promise<number> {
  const connection = await connectTemporal({ address });
  try {
    const statuses = await Promise.all(
      identityIds.map((identityId) =>
        connection.workflowService.describeWorkflowExecution({ namespace: temporalNamespace, execution: { workflowId: identityWorkflowId(identityId) } }).then(
          ({ workflowExecutionInfo }) => workflowExecutionInfo?.status,
          () => null,
        ),
      ),
    );
    return statuses.filter((status) => status === temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING).length;
  } finally {
    await connection.close();
  }
}
