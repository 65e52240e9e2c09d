/**
 * A place of ours to go to after a login, or `null` for anything else: another host (also as `//host` or `/\host`), a scheme,
 * control characters. @param path at most 500 characters
 */
export function localPath(path: unknown): string | null {
  if (typeof path !== 'string' || path.length > 500 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(path) || path.includes('\\')) return null;
  // What a browser would make of it decides.
  const url = new URL(path, 'https://here.invalid');
  return url.origin === 'https://here.invalid' ? `${url.pathname}${url.search}` : null;
}
