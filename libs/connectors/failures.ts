import { AccountConflict, AccountNotFound, ConnectorRefused, ConnectorUnavailable } from '@tenure/domain';
import { codeOf, connectionReason, reasonText } from '@tenure/outbound';

type Details = Readonly<Record<string, string>>;

/** Details of a refusal whose cause is the target or its settings, not the account: every account is refused alike. */
export const ofTarget = { scope: 'target' } as const;

/**
 * Errors of one target. Messages name the target, its states and its settings. Text of the target itself is never repeated,
 * because servers often quote a person's data; it may be passed as `cause`, for logs.
 */
export interface Failures {
  readonly target: string;
  /** Error for a missing or broken connection, with the reason (a code of the platform or of Tenure) and the remedy. */
  disconnected(error: unknown, code?: string): ConnectorUnavailable;
  /** Error for a target that cannot be used now. @param options.retryAfter milliseconds to wait, as requested by the target */
  unavailable(message: string, details?: Details, options?: ErrorOptions & { readonly retryAfter?: number | null }): ConnectorUnavailable;
  refused(message: string, details?: Details, options?: ErrorOptions): ConnectorRefused;
  conflict(options?: ErrorOptions): AccountConflict;
  notFound(): AccountNotFound;
}

/** Creates the errors of a target. */
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
