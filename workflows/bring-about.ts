import type { Activities, Decision } from '@tenure/activities';
import { targetQueue } from './queues.ts';
import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Trigger } from '@tenure/domain';

/** Provisioning of one target, under way or between two attempts. */
export interface Application {
  readonly scope: CancellationScope;
  /** The decision that it carries out. */
  readonly since: string;
}

export interface Cause {
  readonly identityId: string;
  readonly trigger: Trigger;
  readonly correlationId: string;
}

/**
 * Starts what the decision asks for and is not under way, and stops what it no longer asks for: a leaver never queues behind a mover's retry.
 * @param within milliseconds after which it is given up, without an error; absent: never
 */
export function bringAbout({ identityId, trigger, correlationId }: Cause, decision: Decision, applying: Map<string, Application>, within?: number): void {
  for (const [target, { scope, since }] of applying) {
    const wanted = decision.work.find((work) => work.target === target);
    // A person's decision means: try now, not when the next attempt would have been due.
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

/** Each target has its own queue with its own limits, in which leavers pass everybody else. What is temporary is retried until it is given up. */
function onQueueOf(target: string, isUrgent: boolean, within: number | undefined): Pick<Activities, 'applyOperations'> {
  return proxyActivities<Activities>({
    taskQueue: targetQueue(target),
    startToCloseTimeout: '5 minutes',
    ...(within === undefined ? {} : { scheduleToCloseTimeout: within }),
    heartbeatTimeout: '15 seconds',
    // 1 is served before 3. The life's own priority is that of the day it began.
    priority: { priorityKey: isUrgent ? 1 : 3 },
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: isUrgent ? '10 seconds' : '30 seconds' },
    summary: `Provision in ${target}`,
  });
}
