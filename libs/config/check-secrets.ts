import type { LocatedProblem, Path } from './yaml-file.ts';

/**
 * Finds passwords in addresses (`scheme://user:password@host`). Settings that are secrets as a whole are refused by the schema.
 * @param value value as written, before references are filled in
 */
export function checkSecrets(value: unknown, path: Path = []): LocatedProblem[] {
  if (typeof value === 'string') {
    // A reference itself contains a colon.
    return /^[a-z][a-z0-9+.-]*:\/\/[^/\s@:]*:(?!\0@)[^/\s]+@/i.test(value.replaceAll(/\$\{env:[^}$]*\}/g, '\0'))
      ? [{ path, message: 'contains a password; write it as a reference: ${env:DATABASE_PASSWORD}, or the whole address so' }]
      : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => checkSecrets(item, [...path, index]));
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, item]) => checkSecrets(item, [...path, key])) : [];
}
