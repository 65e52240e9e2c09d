/** Code of an error of the platform, such as `ENOENT`; `null` if it has none. */
export function errorCode(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : null;
}
