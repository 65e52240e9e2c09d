import { didYouMean } from './nearest-name.ts';
import { InputInvalid } from '../errors.ts';

/** Most names that an error lists. */
const mostListed = 40;
/** Most characters of the caller's value that an error repeats. */
const longestWord = 100;

/**
 * Checks that a name exists. A list that is empty because of a typing error would be taken for an answer.
 * @param argument path of the argument in the query, such as `filter.target`
 * @param kind kind of the named thing: target, source, role
 * @throws InputInvalid with the argument and the existing names
 */
export function mustExist(argument: string, kind: string, name: string, existing: readonly string[]): void {
  if (existing.includes(name)) return;
  const shown = name.slice(0, longestWord);
  const listed = existing.length > mostListed ? [...existing.slice(0, mostListed), '…'] : existing;
  const there = listed.length === 0 ? 'none exists' : `there is ${listed.join(', ')}`;
  throw new InputInvalid(`${argument}: there is no ${kind} ${JSON.stringify(shown)}${didYouMean(shown, existing)}; ${there}`, { argument, [kind]: shown });
}
