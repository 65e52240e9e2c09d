import { DomainError, type ErrorCode } from '../errors.ts';

/** Why a request, or a decision about one, is not taken. */
export type RequestRefusal = Extract<
  ErrorCode,
  'NOT_REQUESTABLE' | 'NOT_YOUR_DECISION' | 'OWN_REQUEST' | 'REQUEST_CLOSED' | 'REQUESTS_UNAVAILABLE' | 'SEPARATION_CONFLICT'
>;

const sentences: Readonly<Record<RequestRefusal, string>> = {
  NOT_REQUESTABLE: 'policy does not let this be asked for',
  NOT_YOUR_DECISION: 'this is for others to decide',
  OWN_REQUEST: 'nobody decides what they asked for themselves, or what is for them',
  REQUEST_CLOSED: 'this has been decided already, or was taken back',
  REQUESTS_UNAVAILABLE: 'what carries requests through does not answer; try again',
  SEPARATION_CONFLICT: 'separation of duties forbids this',
};

/** A request, or a decision about one, that is not taken. Its details name ids, rules, roles and entitlements. */
export class RequestRefused extends DomainError {
  readonly code: RequestRefusal;
  override readonly retryable: boolean;
  constructor(code: RequestRefusal, details: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(sentences[code], details, options);
    this.code = code;
    this.retryable = code === 'REQUESTS_UNAVAILABLE';
  }
}

/** Whether a code that came back over Temporal is one of these. */
export function isRequestRefusal(code: unknown): code is RequestRefusal {
  return typeof code === 'string' && Object.hasOwn(sentences, code);
}
