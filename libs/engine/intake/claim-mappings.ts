import type { Configuration } from '@tenure/config';
import { compileLoginMapping, compileUserType, type Expression, type LoginMapping, type UserType } from '@tenure/domain';
import { keyAttributes } from './settings-of-source.ts';

/** CEL over `claims` of a configuration, compiled once when it is loaded. */
export interface ClaimMappings {
  /** Login mappings by identity provider. */
  readonly logins: ReadonlyMap<string, LoginMapping>;
  /** Kinds of person that sources and identity providers state, by name. */
  readonly userTypes: ReadonlyMap<string, UserType | Expression>;
}

/** @throws ExpressionRefused for expressions that loading a configuration refuses with their place (`checkTenure`) */
export function compileClaimMappings({ sources, identityProviders, attributes }: Configuration): ClaimMappings {
  const providers = Object.values(identityProviders);
  const everyone = [...Object.values(sources), ...providers];
  return {
    logins: new Map(providers.map((provider) => [provider.name, compileLoginMapping(provider, attributes, keyAttributes(provider))])),
    userTypes: new Map(everyone.map(({ name, userType }) => [name, compileUserType(userType, attributes)])),
  };
}

/** The mapping of a provider's logins. @throws Error for a provider that the configuration does not have */
export function loginMappingOf({ logins }: Pick<ClaimMappings, 'logins'>, provider: string): LoginMapping {
  return known(logins, provider);
}

/** The kind of person that a source or provider states. @throws Error for one that the configuration does not have */
export function userTypeStatedBy({ userTypes }: Pick<ClaimMappings, 'userTypes'>, source: string): UserType | Expression {
  return known(userTypes, source);
}

function known<T>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found === undefined) throw new Error(`the configuration has no source or identity provider ${name}`);
  return found;
}
