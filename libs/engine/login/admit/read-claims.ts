import { type Claims, claimHolds, InputInvalid, type LoginClaims, type LoginMapping, LoginRefused, readLoginClaims, statesExactly } from '@tenure/domain';

/** Claims of a login, mapped by the provider's entry in tenure.yaml. */
export interface AssertedClaims extends LoginClaims {
  readonly emailVerified: boolean;
}

/**
 * Reads the claims of a proven login.
 * @param isWhole false where the provider did not let us read all of its claims
 * @throws LoginRefused `claims-invalid` for a claim of another shape than the attribute that it is mapped to
 */
export function readClaims(mapping: LoginMapping, claims: Claims, isWhole: boolean): AssertedClaims {
  try {
    const read = readLoginClaims(mapping, claims, isWhole);
    const { emailVerified: verified, attributes } = mapping;
    // The verified address is the one written in the claim.
    const emailVerified = verified !== null && claimHolds(verified, claims) && statesExactly(attributes, 'email', claims, read.facts['email']);
    return { ...read, emailVerified };
  } catch (error) {
    if (error instanceof InputInvalid) throw new LoginRefused('claims-invalid', error.message, error.details, { cause: error });
    throw error;
  }
}
