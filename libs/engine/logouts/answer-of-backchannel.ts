import { askedPause } from '../notifications/answer-of-webhook.ts';
import type { LogoutAnswer } from './logout-answer.ts';

/**
 * Result of a back-channel logout by the answer of the application (OpenID Connect Back-Channel Logout 1.0 section 2.8): 200 or 204 after the logout,
 * 400 if the request was invalid or the logout failed. Any other answer is none by that specification, as of a proxy in front of the application.
 * @param now when the call was made: a date in Retry-After counts from it
 */
export function answerOfBackchannel({ status, headers }: { readonly status: number; readonly headers: Pick<Headers, 'get'> }, now: Date): LogoutAnswer {
  const code = `HTTP_${status}`;
  if (status === 200 || status === 204) return { outcome: 'confirmed', code };
  if (status === 400) return { outcome: 'refused', code };
  const asked = askedPause(headers.get('retry-after'), now);
  return { outcome: 'unavailable', code, ...(asked === null ? {} : { retryAfter: asked }) };
}
