import type { Instant } from '@tenure/domain';
import type { XmlElement } from '../parse-xml.ts';

/** What an answer has to say. */
export interface Expectations {
  readonly entityId: string;
  readonly audience: string;
  readonly recipient: string;
  /** `null`: nothing was asked, so the assertion must not answer anything. */
  readonly inResponseTo: string | null;
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly now: Instant;
}

/** An assertion, read from what is signed and from nothing else. */
export interface SignedAssertion {
  readonly assertion: XmlElement;
  readonly expected: Expectations;
}

/** The response around an assertion, which may be unsigned: it can only speak against itself. */
export interface SentResponse {
  readonly response: XmlElement;
  readonly expected: Pick<Expectations, 'entityId' | 'recipient' | 'inResponseTo'>;
}
