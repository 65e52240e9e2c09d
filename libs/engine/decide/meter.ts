import type { ChangeKind, Instant, Trigger } from '@tenure/domain';

/** Told of what is done, for metrics. */
export interface Meter {
  /** @param milliseconds that the decision took, with saving it */
  decided(trigger: Trigger, milliseconds: number): void;
  /** A date was acted on. @param dueAt the date */
  timerFired(kind: 'life' | 'request' | 'case' | 'hold', dueAt: Instant): void;
  /** `retried`: temporary trouble, Temporal tries again; `refused`: a person has to look. */
  operation(target: string, kind: ChangeKind, result: 'done' | 'retried' | 'refused'): void;
  /** The last account of somebody who left has been read back as closed. @param since when the end was decided */
  endConfirmed(since: Instant): void;
}

const ignore = (): void => undefined;

/** Where nobody counts. */
export const noMeter: Meter = { decided: ignore, timerFired: ignore, operation: ignore, endConfirmed: ignore };
