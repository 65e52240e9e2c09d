import type { LoginRefusal } from './login/login-refusal.ts';

/** Code of an error, in GraphQL errors, Temporal failures and cases. The list is closed, since callers switch over it. */
export type ErrorCode =
  | 'ACCOUNT_CONFLICT' // the target has an account with that name which is not known to be this person's
  | 'ACCOUNT_NOT_FOUND'
  | 'ACCOUNT_NOT_VISIBLE' // it may exist where Tenure cannot read
  | 'BATCH_PLAN_CHANGED' // the batch change would change more than the plan that was read: read it again, then decide
  | 'CASE_CLAIMED' // another person has claimed it
  | 'CASE_CLOSED'
  | 'CONFIGURATION_BEHIND' // this process has not loaded the newest configuration version yet; another process has, or will
  | 'CONFIGURATION_INVALID'
  | 'CONNECTOR_REFUSED' // the target understood and refused; a retry gives the same result
  | 'CONNECTOR_UNAVAILABLE' // no usable answer; worth retrying
  | 'CONTRACT_ENDED' // the contract has ended: too late to extend it
  | 'DATABASE_UNAVAILABLE' // the database did not answer in time; worth retrying
  | 'FORBIDDEN'
  | 'INPUT_INVALID'
  | 'INTERNAL'
  | 'LOGIN_REFUSED'
  | 'NOT_CONFIRMED' // the change was accepted, but the observed state does not show it yet
  | 'NOT_EXTENDABLE' // the policy allows no extension, or no end is known
  | 'NOT_FOUND'
  | 'NOT_REQUESTABLE' // the policy does not allow to request this for this person now
  | 'NOT_YOUR_DECISION' // the caller is not one of the approvers
  | 'OWN_REQUEST' // the request is by the caller, or for the caller
  | 'POLICY_INVALID'
  | 'RATE_LIMITED'
  | 'REQUEST_CLOSED' // it has been decided, withdrawn or returned: too late
  | 'SEPARATION_CONFLICT' // separation of duties forbids it, unless the rule's owner allows an exception
  | 'UNAUTHENTICATED';

/** Expected error of Tenure. Messages and details name ids, states and settings, never a person's data. */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  /** True if the same call could succeed later. */
  readonly retryable: boolean = false;
  /** Details for the caller: ids and states only. */
  readonly details: Readonly<Record<string, string>> = {};
  /** @param options `cause` (ES2022): the underlying error, for logs only */
  constructor(message: string, details: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.details = details;
  }
}

export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND';
}
export class InputInvalid extends DomainError {
  readonly code = 'INPUT_INVALID';
}
export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN';
}
export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED';
}
/** Another person has claimed the case. */
export class CaseClaimed extends DomainError {
  readonly code = 'CASE_CLAIMED';
}
export class CaseClosed extends DomainError {
  readonly code = 'CASE_CLOSED';
}
export class ContractEnded extends DomainError {
  readonly code = 'CONTRACT_ENDED';
}
export class NotExtendable extends DomainError {
  readonly code = 'NOT_EXTENDABLE';
}
/** The plan that the caller decided on no longer matches the batch change. */
export class BatchPlanChanged extends DomainError {
  readonly code = 'BATCH_PLAN_CHANGED';
}
export class RateLimited extends DomainError {
  readonly code = 'RATE_LIMITED';
  override readonly retryable = true;
}

const stored = {
  nothing: 'The database does not answer. This was not stored; send the same again.',
  unknown: 'The database stopped answering while it stored this. Look whether it did before you send it again.',
} as const;

/** The database did not answer in time, or is full. `details.stored`: `nothing`, or `unknown` if the connection was lost during a commit. */
export class DatabaseUnavailable extends DomainError {
  readonly code = 'DATABASE_UNAVAILABLE';
  override readonly retryable = true;
  constructor(what: keyof typeof stored, options?: ErrorOptions) {
    super(stored[what], { stored: what }, options);
  }
}

/** This process uses an older configuration version than the one in force. */
export class ConfigurationBehind extends DomainError {
  readonly code = 'CONFIGURATION_BEHIND';
  override readonly retryable = true;
}

/** No usable answer from a target: down, timed out, overloaded (HTTP 429 and 5xx), or an answer that is not of its protocol. */
export class ConnectorUnavailable extends DomainError {
  readonly code = 'CONNECTOR_UNAVAILABLE';
  override readonly retryable = true;
  /** Milliseconds that the target asked us to wait (Retry-After, RFC 9110 section 10.2.3), or null. */
  readonly retryAfter: number | null;
  constructor(message: string, details: Readonly<Record<string, string>> = {}, options: ErrorOptions & { retryAfter?: number | null } = {}) {
    super(message, details, options);
    this.retryAfter = options.retryAfter ?? null;
  }
}
/** The target understood and refused: wrong credentials, an invalid value, a missing right. A person must decide. */
export class ConnectorRefused extends DomainError {
  readonly code = 'CONNECTOR_REFUSED';
}
/** An account with that name already exists, without the mark of this identity. */
export class AccountConflict extends DomainError {
  readonly code = 'ACCOUNT_CONFLICT';
}
export class AccountNotFound extends DomainError {
  readonly code = 'ACCOUNT_NOT_FOUND';
}
/** A known account may exist where the target does not let Tenure read: it is neither found nor proved to be gone. */
export class AccountNotVisible extends DomainError {
  readonly code = 'ACCOUNT_NOT_VISIBLE';
}
/** The observed state does not show a change. It is retried, since many directories answer reads from a replica. */
export class NotConfirmed extends DomainError {
  readonly code = 'NOT_CONFIRMED';
  override readonly retryable = true;
  /** Milliseconds until the next read, if only a read remains to be done; otherwise null. */
  readonly retryAfter: number | null;
  constructor(message: string, details: Readonly<Record<string, string>> = {}, options: ErrorOptions & { retryAfter?: number | null } = {}) {
    super(message, details, options);
    this.retryAfter = options.retryAfter ?? null;
  }
}

/** One problem in a configuration file. Line and column are counted from 1. */
export interface ConfigurationProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Path of the setting in the file, such as `birthright[2].when`. */
  readonly field: string;
  readonly message: string;
}
/** All problems of the configuration at once, so that they can be fixed together. */
export class ConfigurationInvalid extends DomainError {
  readonly code = 'CONFIGURATION_INVALID';
  readonly problems: readonly ConfigurationProblem[];
  constructor(problems: readonly ConfigurationProblem[]) {
    super(problems.map((p) => `${p.file}${p.line === 0 ? '' : `:${p.line}:${p.column}`} ${p.field ? `${p.field}: ` : ''}${p.message}`).join('\n'));
    this.problems = problems;
  }
}

/**
 * A refused login. The person sees only the reference; the reason is in the audit.
 * @param reason reason for audit, log and metrics
 */
export class LoginRefused extends DomainError {
  readonly code = 'LOGIN_REFUSED';
  readonly reason: LoginRefusal;
  constructor(reason: LoginRefusal, message: string, details: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(message, details, options);
    this.reason = reason;
  }
}
