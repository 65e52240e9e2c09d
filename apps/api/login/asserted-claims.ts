import type { Loop } from '@tenure/engine/decide';
import { keyAttributes } from '@tenure/engine/intake';
import type { ProviderSettings } from '@tenure/config';
import {
  type AttributeSchema,
  type Claims,
  claimHolds,
  compileClaims,
  InputInvalid,
  type LoginClaims,
  type LoginMapping,
  LoginRefused,
  readLoginClaims,
  statesExactly,
} from '@tenure/domain';

/** Claims of a login, mapped by the provider's entry in tenure.yaml. */
export interface AssertedClaims extends LoginClaims {
  readonly emailVerified: boolean;
}

/**
 * Reads the claims of a proven login.
 * @param isWhole false where the provider would not let us read all that it says
 * @throws LoginRefused `claims-invalid` for a claim of another shape than what it is mapped to
 */
export function assertedClaims({ configuration }: Pick<Loop, 'configuration'>, provider: ProviderSettings, claims: Claims, isWhole: boolean): AssertedClaims {
  try {
    const mapping = loginMapping(provider, configuration.attributes);
    const read = readLoginClaims(mapping, claims, isWhole);
    // What was verified is the address as it is written there.
    const emailVerified =
      provider.emailVerified !== null && claimHolds(provider.emailVerified, claims) && statesExactly(mapping.attributes, 'email', claims, read.facts['email']);
    return { ...read, emailVerified };
  } catch (error) {
    if (error instanceof InputInvalid) throw new LoginRefused('claims-invalid', error.message, error.details, { cause: error });
    throw error;
  }
}

/** Compiled once for each entry of tenure.yaml. */
const mappings = new WeakMap<ProviderSettings, LoginMapping>();

/** How a provider's claims are read. */
export function loginMapping(provider: ProviderSettings, schema: AttributeSchema): LoginMapping {
  const known = mappings.get(provider);
  if (known?.attributes.schema === schema) return known;
  const { groups, userType, absentGroups, absentAttributes } = provider;
  const attributes = compileClaims(provider.attributes, schema, keyAttributes(provider));
  const mapping: LoginMapping = { attributes, groups, userType, absentGroups, absentAttributes };
  mappings.set(provider, mapping);
  return mapping;
}
