const words = /^[A-Z][A-Z0-9_]{1,63}$/;

/** Code of an error of Node.js or a library (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), which is safe to show, unlike its message. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string' && words.test(error.code)) return error.code;
  // Each address of a name was tried: the first error counts.
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : 'unknown';
}
