import { isPlainText } from '@tenure/domain';

/**
 * Path in the arguments of a field to the text that cannot be stored: `input.items[0].name`.
 * @returns `null` when there is none
 */
export function unstorableArgument(value: unknown, path = ''): string | null {
  if (typeof value === 'string') return isPlainText(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  const isList = Array.isArray(value);
  for (const [name, one] of Object.entries(value)) {
    const found = unstorableArgument(one, isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}
