/**
 * The `code` of an error of the system or of PostgreSQL: "ENOENT", "57P03". Looked for without `instanceof`, because
 * Jest runs files in a realm of its own, where the system's errors are not instances of `Error`.
 */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** True if this error of a file operation means that the file does not exist. */
export function isNotThere(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}
