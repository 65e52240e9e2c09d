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
 * What came of one attempt. `refused`: the same would be refused again. `unavailable`: worth another attempt. The code says what was
 * wrong in a word of ours or the protocol's; it never holds an address or what the other side wrote. `pause`: milliseconds for which the
 * receiver asked to be left alone (Retry-After, RFC 9110 section 10.2.3), an hour at most.
 */
export type Delivered =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'unavailable'; readonly code: string; readonly pause?: number };
