import { AccountConflict, AccountNotFound, ConnectorRefused, ConnectorUnavailable } from '@tenure/domain';
import { codeOf, connectionReason, reasonText } from '@tenure/outbound';

type Details = Readonly<Record<string, string>>;

/** In the details of a refusal whose cause is the target or its settings, not the account: each account is refused alike. */
export const ofTarget = { scope: 'target' } as const;

/**
 * The errors of one target. Messages name the target, its states and its settings. What the target itself wrote is never
 * repeated, because servers like to quote a person's data; it may go along as `cause`, for logs.
 */
export interface Failures {
  readonly target: string;
  /** No connection, or it broke. Says why, by the code of the platform or by one of Tenure's, and what to do. */
  disconnected(error: unknown, code?: string): ConnectorUnavailable;
  /** @param options.retryAfter milliseconds that the target asked us to wait */
  unavailable(message: string, details?: Details, options?: ErrorOptions & { readonly retryAfter?: number | null }): ConnectorUnavailable;
  refused(message: string, details?: Details, options?: ErrorOptions): ConnectorRefused;
  conflict(options?: ErrorOptions): AccountConflict;
  notFound(): AccountNotFound;
}

/** Errors that name this target. */
export function failuresOf(target: string): Failures {
  const named = (details: Details) => ({ target, ...details });
  const fields = { address: `targets.${target}.url`, authority: `targets.${target}.caFile` };
  return {
    target,
    disconnected(error, code = codeOf(error)) {
      const why = connectionReason(code, fields);
      return new ConnectorUnavailable(`${target}: ${reasonText(why)}`, named({ reason: why.reason, step: why.step }), { cause: error });
    },
    unavailable: (message, details = {}, options = {}) => new ConnectorUnavailable(`${target}: ${message}`, named(details), options),
    refused: (message, details = {}, options) => new ConnectorRefused(`${target}: ${message}`, named(details), options),
    conflict: (options) => new AccountConflict(`${target}: an account of that name is there already`, { target }, options),
    notFound: () => new AccountNotFound(`${target}: there is no such account`, { target }),
  };
}
