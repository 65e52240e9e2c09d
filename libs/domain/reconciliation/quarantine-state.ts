/**
 * State of an account of nobody in quarantine. `planned`: to be disabled; `quarantined`: disabled, without managed memberships; `restoring`: to be
 * enabled again, with its memberships; `deleted`, `restored`, `released`: it has left the quarantine, released because it is no longer nobody's, is
 * protected or is gone.
 */
export const QUARANTINE_STATES = ['planned', 'quarantined', 'restoring', 'deleted', 'restored', 'released'] as const;
export type QuarantineState = (typeof QUARANTINE_STATES)[number];
