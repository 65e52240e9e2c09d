import type { Configuration, CorrelationKey, ProviderSettings, SourceSettings } from '@tenure/config';
import { InputInvalid, isInDomains, type SourceTrust, type TrustBySource } from '@tenure/domain';

/** Settings of the origin of a record, be it HR or an identity provider. */
export type SourceOrProvider = SourceSettings | ProviderSettings;

/** @throws InputInvalid when the configuration has no such source */
export function settingsOfSource(configuration: Configuration, name: string): SourceOrProvider {
  const found = configuration.sources[name] ?? configuration.identityProviders[name];
  if (found === undefined) throw new InputInvalid(`there is no source "${name}" in tenure.yaml`, { source: name });
  return found;
}

/** Sources and providers that list this attribute as a key: only between these does it tie records together. */
export function sourcesKeyedBy(configuration: Configuration, attribute: string): readonly string[] {
  const lists = ({ correlate }: { correlate: readonly CorrelationKey[] }): boolean =>
    correlate.some((key) => 'attribute' in key && key.attribute === attribute);
  return [...Object.values(configuration.sources), ...Object.values(configuration.identityProviders)].filter(lists).map(({ name }) => name);
}

/** Sources and providers that never give a value of this attribute to another person. */
export function sourcesKeyedForLife(configuration: Configuration, attribute: string): readonly string[] {
  const lists = ({ correlate }: { correlate: readonly CorrelationKey[] }): boolean =>
    correlate.some((key) => 'attribute' in key && key.attribute === attribute && key.forLife === true);
  return [...Object.values(configuration.sources), ...Object.values(configuration.identityProviders)].filter(lists).map(({ name }) => name);
}

/** Attributes by which this source finds whose a record is. */
export function keyAttributes({ correlate }: Pick<SourceOrProvider, 'correlate'>): readonly string[] {
  return correlate.flatMap((key) => ('attribute' in key ? [key.attribute] : []));
}

/** Sources with authority over the relationship. */
export function authoritativeSources(configuration: Configuration): readonly string[] {
  return Object.values(configuration.sources)
    .filter(({ authoritative }) => authoritative)
    .map(({ name }) => name);
}

/** Sources whose records are logins: each shows that the person was there. */
export function loginSources(configuration: Configuration): readonly string[] {
  return Object.keys(configuration.identityProviders);
}

/** True: the source is trusted for the domain of this e-mail address. */
export function trustsDomainOf(source: SourceOrProvider, email: string): boolean {
  return isInDomains(email, source.trustedEmailDomains);
}

/** Trust by source and provider. */
export function trustBySource({ sources, identityProviders }: Configuration): TrustBySource {
  return Object.fromEntries([...Object.values(sources), ...Object.values(identityProviders)].map((source) => [source.name, trustOf(source)]));
}

function trustOf(source: SourceOrProvider): SourceTrust {
  return {
    isAuthoritative: 'authoritative' in source && source.authoritative,
    isLogin: 'protocol' in source,
    keys: keyAttributes(source),
    trustedEmailDomains: source.trustedEmailDomains,
  };
}
