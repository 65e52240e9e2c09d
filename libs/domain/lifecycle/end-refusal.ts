/**
 * Why somebody may not terminate a person. `is-yourself`: nobody terminates themselves; `needs-administrator`: only an administrator terminates an
 * administrator; `last-administrator`: no other one would be left.
 */
export type EndRefusal = 'is-yourself' | 'needs-administrator' | 'last-administrator';
