import type { Instant } from '@tenure/domain';
import type { XmlElement } from '../parse-xml.ts';

/** Expected values of a response. */
export interface Expectations {
  readonly entityId: string;
  readonly audience: string;
  readonly recipient: string;
  /** Id of the request; `null`: there was none, so the assertion must not answer any. */
  readonly inResponseTo: string | null;
  /** Milliseconds by which clocks may differ. */
  readonly clockSkew: number;
  readonly now: Instant;
}

/** An assertion, read only from signed content. */
export interface SignedAssertion {
  readonly assertion: XmlElement;
  readonly expected: Expectations;
}

/** The response around an assertion. It may be unsigned, so it can only lead to a refusal. */
export interface SentResponse {
  readonly response: XmlElement;
  readonly expected: Pick<Expectations, 'entityId' | 'recipient' | 'inResponseTo'>;
}
