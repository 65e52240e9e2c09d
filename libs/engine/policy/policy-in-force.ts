import type { Configuration } from '@tenure/config';
import type { CompiledMapping, Policy } from '@tenure/domain';

/** The current policy version, ready to be asked. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** By target: what this version or an earlier one gave there, so what is taken away when nothing gives it any more. */
  readonly managed: Readonly<Record<string, ReadonlySet<string>>>;
  /** A newer version has another tenure.yaml, which this process has not taken over: whoever is decided now is decided again by one that has. */
  readonly isBehind?: boolean;
}

export interface DecisionContext {
  readonly configuration: Configuration;
  readonly mappings: readonly CompiledMapping[];
}
