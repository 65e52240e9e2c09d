import { didYouMean } from './nearest-name.ts';
import { InputInvalid } from '../errors.ts';

/** Names that an error lists at most. */
const mostListed = 40;
/** Characters of the caller's word that an error repeats at most. */
const longestWord = 100;

/**
 * Lets a name pass that exists. A list that is empty because of a typing error would be taken for an answer.
 * @param argument the place in the query, such as `filter.target`
 * @param kind what it names: target, source, role
 * @throws InputInvalid that names the argument, and what there is
 */
export function mustExist(argument: string, kind: string, name: string, existing: readonly string[]): void {
  if (existing.includes(name)) return;
  const shown = name.slice(0, longestWord);
  const listed = existing.length > mostListed ? [...existing.slice(0, mostListed), '…'] : existing;
  const there = listed.length === 0 ? 'none exists' : `there is ${listed.join(', ')}`;
  throw new InputInvalid(`${argument}: there is no ${kind} ${JSON.stringify(shown)}${didYouMean(shown, existing)}; ${there}`, { argument, [kind]: shown });
}
