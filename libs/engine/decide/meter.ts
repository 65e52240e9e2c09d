import type { ChangeKind, Instant, Trigger } from '@tenure/domain';

/** Receives counts of events, for metrics. */
export interface Meter {
  /** @param milliseconds that the decision took, with saving it */
  decided(trigger: Trigger, milliseconds: number): void;
  /** A date was acted on. @param dueAt the date */
  timerFired(kind: 'life' | 'request' | 'case' | 'hold', dueAt: Instant): void;
  /** `retried`: a temporary error, Temporal tries again; `refused`: a person has to look. */
  operation(target: string, kind: ChangeKind, result: 'done' | 'retried' | 'refused'): void;
  /** Counts that the last account of a leaver has been read back as closed. @param since when the end was decided */
  endConfirmed(since: Instant): void;
}

const ignore = (): void => undefined;

/** Meter of processes that count nothing. */
export const noMeter: Meter = { decided: ignore, timerFired: ignore, operation: ignore, endConfirmed: ignore };
