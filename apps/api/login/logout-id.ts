/** Id under which a logout at a provider waits for its answer, among begun logins: no answer of a login can name an id with a blank. */
export function logoutId(id: string): string {
  return `logout ${id}`;
}
