import { createHash } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import { compileApplication, compileMapping } from '@tenure/domain';
import { compileClaimMappings } from '../intake/claim-mappings.ts';
import { configurationDigest } from '../login/configuration-digest.ts';
import type { Engine } from './engine.ts';
import { type Meter, noMeter } from './meter.ts';

/**
 * @param keepsTo SHA-256 of the tenure.yaml that this process has taken over: versions with another one are not used for decisions. Absent: the
 * newest version decides, for tools and tests that are no process of an installation
 */
export function createEngine({
  configuration,
  meter = noMeter,
  keepsTo = null,
}: {
  readonly configuration: Configuration;
  readonly meter?: Meter;
  readonly keepsTo?: string | null;
}): Engine {
  return {
    configuration,
    mappings: Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes)),
    applications: new Map(
      Object.values(configuration.applications).map((application) => [application.name, compileApplication(application, configuration.attributes)]),
    ),
    claims: compileClaimMappings(configuration),
    configurationDigest: configurationDigest(configuration),
    policyDigest: createHash('sha256').update(JSON.stringify(configuration.policy)).digest('hex'),
    keepsTo,
    policies: new Map(),
    meter,
  };
}
