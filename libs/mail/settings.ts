/** Where mail is handed over. */
export interface MailServer {
  /** `smtp://[user@]host[:port]` or `smtps://`. */
  readonly url: string;
  readonly password: string | null;
  readonly from: string;
  readonly replyTo: string | null;
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

/** Connections of one worker to the mail server, and mails that it sends at the same time. Mail servers limit the connections of a client, often to three. */
export const MAIL_CONNECTIONS = 2;
