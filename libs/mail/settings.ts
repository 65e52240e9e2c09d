/** Settings of the mail server. */
export interface MailServer {
  /** `smtp://[user@]host[:port]` or `smtps://`. */
  readonly url: string;
  readonly password: string | null;
  readonly from: string;
  readonly replyTo: string | null;
}

/**
 * Result of one attempt. `refused`: a retry would be refused again. `deferred`: this message must be retried later, others need not. `unavailable`:
 * the receiver accepts nothing now; `retryAfter` is the time for which it asked to wait, in milliseconds. The code is a word of ours or of the
 * protocol; it never contains an address or text of the other side.
 */
export type Delivered =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused' | 'deferred'; readonly code: string }
  | { readonly outcome: 'unavailable'; readonly code: string; readonly retryAfter?: number };

/** Most connections of one worker to the mail server, and most mails at the same time. Mail servers limit a client's connections, often to three. */
export const MAIL_CONNECTIONS = 2;
