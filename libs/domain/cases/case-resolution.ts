/** Answers that close a case, and `automatic`: its cause is gone. */
export const CASE_RESOLUTIONS = [
  'answered',
  'linked',
  'new-person',
  'rebound',
  'login-confirmed',
  'login-ended',
  'approved',
  'denied',
  'withdrawn',
  'discarded',
  'excepted',
  'justified',
  'not-justified',
  'retried',
  'abandoned',
  'cancelled',
  'automatic',
] as const;
export type CaseResolution = (typeof CASE_RESOLUTIONS)[number];

/** Resolutions that are stored with a case and in the audit under another name; for an item of a request, its status. */
const STORED: Readonly<Record<string, CaseResolution>> = {
  'somebody new': 'new-person',
  'same person': 'login-confirmed',
  'somebody else': 'login-ended',
  released: 'approved',
  returned: 'approved',
  dropped: 'approved',
  'to be tried again': 'retried',
  'given up': 'abandoned',
  skipped: 'cancelled',
};

/**
 * Resolution of a case that is closed.
 * @param stored one of CASE_RESOLUTIONS, an earlier name, or the cause of an automatic close in words
 * @returns `reason`: that cause; `null`: an answer closed it
 */
export function resolutionOf(stored: string): { readonly resolution: CaseResolution; readonly reason: string | null } {
  const resolution = STORED[stored] ?? CASE_RESOLUTIONS.find((one) => one === stored) ?? 'automatic';
  return { resolution, reason: resolution === 'automatic' ? stored.replace(/^answered itself: /, '') : null };
}
