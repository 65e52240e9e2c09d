/** A path as it may stand in an address: it begins with one slash, and has no backslash, which browsers take for a slash. */
const plain = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;

/**
 * A place of ours to go to after a login, or `null` for anything else: another host (also as `//host` or `/\host`), a scheme,
 * control characters. @param path at most 500 characters
 */
export function localPath(path: unknown): string | null {
  if (typeof path !== 'string' || path.length > 500 || !plain.test(path)) return null;
  // The URL as a browser would resolve it decides, and is checked as well: `/..//host` becomes `//host`.
  const url = URL.parse(path, 'https://here.invalid');
  if (url === null || url.origin !== 'https://here.invalid') return null;
  const place = `${url.pathname}${url.search}`;
  return plain.test(place) ? place : null;
}
