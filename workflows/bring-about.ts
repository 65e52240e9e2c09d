import type { Activities, Decision } from '@tenure/activities';
import { targetQueue } from './queues.ts';
import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Trigger } from '@tenure/domain';

/** Provisioning of one target, under way or between two attempts. */
export interface Application {
  readonly scope: CancellationScope;
  /** Instant of the decision that it carries out. */
  readonly since: string;
}

export interface Cause {
  readonly identityId: string;
  readonly trigger: Trigger;
  readonly correlationId: string;
}

/**
 * Starts provisioning that the decision asks for and that is not under way, and stops provisioning that it no longer asks for: a leaver never queues
 * behind a mover's retry.
 * @param within milliseconds after which it is abandoned, without an error; absent: never
 */
export function bringAbout({ identityId, trigger, correlationId }: Cause, decision: Decision, applying: Map<string, Application>, within?: number): void {
  for (const [target, { scope, since }] of applying) {
    const wanted = decision.work.find((work) => work.target === target);
    // A human decision asks for an attempt now, not when the next one would have been due.
    if (wanted?.since === since && trigger !== 'decision') continue;
    scope.cancel();
    applying.delete(target);
  }
  for (const { target, since } of decision.work) {
    if (applying.has(target)) continue;
    const application = { scope: new CancellationScope(), since };
    applying.set(target, application);
    void application.scope
      .run(() =>
        onQueueOf(target, decision.stage === 'leaving', within).applyOperations({
          identityId,
          target,
          correlationId,
          ...(decision.traceparent === undefined ? {} : { traceparent: decision.traceparent }),
        }),
      )
      .catch((error: unknown) => {
        if (!isCancellation(error) && !(within !== undefined && error instanceof ActivityFailure)) throw error;
      })
      .finally(() => {
        if (applying.get(target) === application) applying.delete(target);
      });
  }
}

/**
 * Activities on the queue of a target: each target has a queue with its own limits, in which leavers pass everybody else. Temporary errors are
 * retried until provisioning is abandoned.
 */
function onQueueOf(target: string, isUrgent: boolean, within: number | undefined): Pick<Activities, 'applyOperations'> {
  return proxyActivities<Activities>({
    taskQueue: targetQueue(target),
    startToCloseTimeout: '5 minutes',
    ...(within === undefined ? {} : { scheduleToCloseTimeout: within }),
    heartbeatTimeout: '15 seconds',
    // Priority 1 is served before 3. The workflow's own priority is that of the day it began.
    priority: { priorityKey: isUrgent ? 1 : 3 },
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: isUrgent ? '10 seconds' : '30 seconds' },
    summary: `Provision in ${target}`,
  });
}
