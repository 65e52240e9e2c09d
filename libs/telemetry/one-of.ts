/** The name where it is one of these, else `unknown`: what callers make up must not become a time series. */
export function oneOf(names: readonly string[], name: string): string {
  return names.includes(name) ? name : 'unknown';
}
