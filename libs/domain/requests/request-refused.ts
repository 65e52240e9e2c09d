import { DomainError, type ErrorCode } from '../errors.ts';

/** Why a request, or a decision about one, is not taken. */
export type RequestRefusal = Extract<ErrorCode, 'NOT_REQUESTABLE' | 'NOT_YOUR_DECISION' | 'OWN_REQUEST' | 'REQUEST_CLOSED' | 'SEPARATION_CONFLICT'>;

const sentences: Readonly<Record<RequestRefusal, string>> = {
  NOT_REQUESTABLE: 'policy does not let this be asked for',
  NOT_YOUR_DECISION: 'this is for others to decide',
  OWN_REQUEST: 'nobody decides what they asked for themselves, or what is for them',
  REQUEST_CLOSED: 'this has been decided already, or was taken back',
  SEPARATION_CONFLICT: 'separation of duties forbids this',
};

/** A request, or a decision about one, that is not taken. Its details name ids, rules, roles and entitlements. */
export class RequestRefused extends DomainError {
  readonly code: RequestRefusal;
  constructor(code: RequestRefusal, details: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(sentences[code], details, options);
    this.code = code;
  }
}
