import type { Settings } from '@tenure/config';
import type { CompiledApplication } from '@tenure/domain';
import type { ClaimMappings } from '../intake/claim-mappings.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';
import type { Meter } from './meter.ts';

/** Data by which use cases decide: a configuration with all that is compiled from it. Made by `createEngine`, once for each configuration version. */
export interface Engine extends DecisionContext {
  /** CEL of its sources and identity providers. */
  readonly claims: ClaimMappings;
  /** Applications of the configuration, by name. */
  readonly applications: ReadonlyMap<string, CompiledApplication>;
  /** Digest of all that a decision may read of the configuration: hexadecimal SHA-256. */
  readonly configurationDigest: string;
  /** Digest of the configuration's policy: hexadecimal SHA-256. */
  readonly policyDigest: string;
  /**
   * Digest of the tenure.yaml that the process has taken over: versions with another one are not used for decisions. `null`: the newest version
   * decides.
   */
  readonly keepsTo: Settings['digest'] | null;
  /** Policy versions that were read so far, compiled, by number: a version never changes. */
  readonly policies: Map<number, PolicyInForce>;
  readonly meter: Meter;
}
