import { ConnectorUnavailable, DomainError, NotConfirmed } from '@tenure/domain';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';

/**
 * The only translation of errors into Temporal's history: a stranger's text never gets there, since it may hold personal data.
 * The original belongs in the log of whoever calls this.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof TemporalFailure) return error; // cancellation passes through
  if (!(error instanceof DomainError)) return ApplicationFailure.retryable('internal error, see the worker log', 'INTERNAL');
  const { code: type, message, retryable, details } = error;
  const retryAfter = error instanceof ConnectorUnavailable || error instanceof NotConfirmed ? error.retryAfter : null;
  const delay = retryAfter === null ? {} : { nextRetryDelay: retryAfter };
  return ApplicationFailure.create({ type, message, nonRetryable: !retryable, details: [details], ...delay });
}
