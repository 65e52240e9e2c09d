import type { Configuration } from '@tenure/config';
import type { CompiledMapping, Policy } from '@tenure/domain';

/** Current policy version, compiled. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** Entitlements, by target, that this version or an earlier one gave there, and that are removed when nothing gives them any more. */
  readonly managed: Readonly<Record<string, ReadonlySet<string>>>;
  /** True: a newer version has another tenure.yaml, which this process has not taken over; its decisions are repeated by a process that has. */
  readonly isBehind?: boolean;
}

export interface DecisionContext {
  readonly configuration: Configuration;
  readonly mappings: readonly CompiledMapping[];
}
