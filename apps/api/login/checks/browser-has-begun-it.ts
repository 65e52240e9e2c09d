import { LoginRefused } from '@tenure/domain';
import type { BroughtAnswer } from './answer.ts';

/** Refuses an answer unless the browser that returns with it has begun the login. */
export function browserHasBegunIt({ named, begun }: BroughtAnswer): LoginRefused | null {
  if (named === null || begun !== null) return null;
  return new LoginRefused('request-of-another-browser', 'this browser has not begun the login that is answered');
}
