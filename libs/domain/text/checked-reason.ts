import { InputInvalid } from '../errors.ts';

/** Characters of an operator's reason. */
const longestReason = 1000;

/**
 * Why an operator did something. It may name people, so the audit keeps it with the person's key.
 * @param argument the place in the query
 * @throws InputInvalid when it says nothing
 */
export function checkedReason(reason: string, argument = 'reason'): string {
  const text = reason.trim();
  if (text === '' || text.length > longestReason)
    throw new InputInvalid(`${argument} must not be empty, and has at most ${longestReason} characters`, { argument });
  return text;
}
