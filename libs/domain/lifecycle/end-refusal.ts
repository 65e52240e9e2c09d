/**
 * Reason for which a termination is refused. `is-yourself`: nobody may terminate themselves; `needs-administrator`: only an administrator may
 * terminate an administrator; `last-administrator`: no other administrator would be left.
 */
export type EndRefusal = 'is-yourself' | 'needs-administrator' | 'last-administrator';
