import { ConnectorUnavailable, DomainError, NotConfirmed } from '@tenure/domain';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';

/**
 * Translates errors for Temporal's history, the only code that does: foreign text never gets there, since it may contain personal data. The caller
 * logs the original.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof TemporalFailure) return error; // cancellation passes through
  if (!(error instanceof DomainError)) return ApplicationFailure.retryable('internal error, see the worker log', 'INTERNAL');
  const { code: type, message, retryable, details } = error;
  const retryAfter = error instanceof ConnectorUnavailable || error instanceof NotConfirmed ? error.retryAfter : null;
  const delay = retryAfter === null ? {} : { nextRetryDelay: retryAfter };
  return ApplicationFailure.create({ type, message, nonRetryable: !retryable, details: [details], ...delay });
}
