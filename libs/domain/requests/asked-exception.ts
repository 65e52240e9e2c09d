/** What a request would let a person hold together although a rule separates it, and why that is to be allowed. */
export interface AskedException {
  readonly rule: string;
  /** The roles and entitlements that would be held together, sorted. */
  readonly names: readonly string[];
  /** What is done instead of separating, e.g. a monthly review. */
  readonly control: string;
}
