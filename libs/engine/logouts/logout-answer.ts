/**
 * Result of one attempt to notify an application of the end of a session. `confirmed`: the session there has ended, or there is none. `refused`: the
 * application has answered that it did not end it, and would answer the same again. `unavailable`: no usable answer came. `no-channel`: it can be
 * notified through a browser only. `expired`: the session there has ended by itself. `code`: a stable code, such as `HTTP_400`.
 */
export type LogoutAnswer =
  | { readonly outcome: 'confirmed' | 'refused' | 'no-channel' | 'expired'; readonly code: string }
  /** `retryAfter`: milliseconds that the application asks for; absent: it asks for none. */
  | { readonly outcome: 'unavailable'; readonly code: string; readonly retryAfter?: number };
