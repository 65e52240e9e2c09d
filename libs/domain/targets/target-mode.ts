/** Modes of a target. `observe`: Tenure reads, decides and plans, and writes nothing there; `enforce`: it also carries the plans out. */
export const TARGET_MODES = ['observe', 'enforce'] as const;
export type TargetMode = (typeof TARGET_MODES)[number];

/** Reasons for a target's mode. */
export const MODE_REASONS = [
  /** It had no account at first contact. */
  'empty',
  /** It had accounts at first contact that Tenure has not made. */
  'in-use',
  /** Tenure had written to it before targets had modes. */
  'written-before',
  /** tenure.yaml said so at first contact, or says observe by now. */
  'configured',
  /** Somebody switched it on, by an approved plan. */
  'switched-on',
  /** Somebody switched it back to observe. */
  'switched-back',
] as const;
export type ModeReason = (typeof MODE_REASONS)[number];

/** Facts about a target at first contact. */
export interface FirstContact {
  /** `mode` in tenure.yaml; `null`: none. */
  readonly configured: TargetMode | null;
  /** True if Tenure knows accounts there by the target's own ids. */
  readonly isKnown: boolean;
  /** True if the target showed accounts that Tenure has not made, or may hide some. */
  readonly isInUse: boolean;
}

/** Returns the mode in which a target begins: one in use is observed until somebody switches it on. */
export function firstMode({ configured, isKnown, isInUse }: FirstContact): { readonly mode: TargetMode; readonly why: ModeReason } {
  if (configured !== null) return { mode: configured, why: 'configured' };
  if (isKnown) return { mode: 'enforce', why: 'written-before' };
  return isInUse ? { mode: 'observe', why: 'in-use' } : { mode: 'enforce', why: 'empty' };
}
