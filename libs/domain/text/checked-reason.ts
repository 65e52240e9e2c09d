import { InputInvalid } from '../errors.ts';

/** Most characters of an operator's reason. */
const longestReason = 1000;

/**
 * Checks the reason that an operator gives for an action. It may name people, so the audit encrypts it with the person's key.
 * @param argument path of the argument in the query
 * @throws InputInvalid if it is empty or too long
 */
export function checkedReason(reason: string, argument = 'reason'): string {
  const text = reason.trim();
  if (text === '' || text.length > longestReason)
    throw new InputInvalid(`${argument} must not be empty, and has at most ${longestReason} characters`, { argument });
  return text;
}
