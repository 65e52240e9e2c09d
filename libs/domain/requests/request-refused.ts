import { DomainError, type ErrorCode } from '../errors.ts';

/** Code of a refused request, or of a refused decision about one. */
export type RequestRefusal = Extract<ErrorCode, 'NOT_REQUESTABLE' | 'NOT_YOUR_DECISION' | 'OWN_REQUEST' | 'REQUEST_CLOSED' | 'SEPARATION_CONFLICT'>;

const sentences: Readonly<Record<RequestRefusal, string>> = {
  NOT_REQUESTABLE: 'The policy does not allow to request this for this person now: see details.reason.',
  NOT_YOUR_DECISION: 'You are not one of the approvers who can decide this item now.',
  OWN_REQUEST: 'You cannot decide about a request by you or for you.',
  REQUEST_CLOSED: 'The item is decided, withdrawn or returned already.',
  SEPARATION_CONFLICT: 'A separation-of-duties rule excludes this: request an exception with it where the rule has an owner.',
};

/** Error of a refused request, or of a refused decision about one. Its details name ids, rules, roles and entitlements. */
export class RequestRefused extends DomainError {
  readonly code: RequestRefusal;
  constructor(code: RequestRefusal, details: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(sentences[code], details, options);
    this.code = code;
  }
}
