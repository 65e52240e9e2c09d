/** Where mail is handed over. */
export interface MailServer {
  /** `smtp://[user@]host[:port]` or `smtps://`. */
  readonly url: string;
  readonly password: string | null;
  readonly from: string;
  readonly replyTo: string | null;
}

/** Where an event is told. */
export interface WebhookEndpoint {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
}

/**
 * What came of one attempt. `refused`: the same would be refused again. `deferred`: this message later, others may go. `unavailable`: the receiver takes
 * nothing now, whatever it is; `retryAfter` (milliseconds) is how long it asked to be left alone. The code says what was wrong in a word of ours or the
 * protocol's; it never holds an address or what the other side wrote.
 */
export type Delivered =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused' | 'deferred'; readonly code: string }
  | { readonly outcome: 'unavailable'; readonly code: string; readonly retryAfter?: number };

/** Deliveries that one worker makes at the same time, by kind of receiver. Mail servers limit the connections of a client, often to three. */
export const concurrency = { mail: 2, webhook: 8 } as const;
