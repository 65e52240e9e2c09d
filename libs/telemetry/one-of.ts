/** Returns the name if it is one of these, else `unknown`: names invented by callers must not become time series. */
export function oneOf(names: readonly string[], name: string): string {
  return names.includes(name) ? name : 'unknown';
}
