/** Requested SoD exception: grants that a person would have together although a rule excludes it, with the reason to allow it. */
export interface AskedException {
  readonly rule: string;
  /** Roles and entitlements that the person would have together, sorted. */
  readonly names: readonly string[];
  /** Compensating control, such as a monthly review. */
  readonly control: string;
}
