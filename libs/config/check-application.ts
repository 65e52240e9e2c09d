import { type AttributeSchema, BUILT_IN_ATTRIBUTES, checkExpression, didYouMean, durationToMilliseconds, TENURE_TARGET } from '@tenure/domain';
import { checkAddress, isLocal } from './check-address.ts';
import type { RawApplication, RawTenure } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Checks of one application that the JSON Schema cannot make: references by name, CEL, addresses, durations. */
export function checkApplication(path: Path, name: string, application: RawApplication, raw: RawTenure): LocatedProblem[] {
  const { target, mayUse, attributes, groups, session } = application;
  const targets = Object.keys(raw.targets ?? {});
  const cel = (at: Path, source: string | undefined, type: 'bool' | 'any' | 'strings', environment: 'identity' | 'application'): LocatedProblem[] => {
    const message = source === undefined ? null : checkExpression(source, type, environment, schemaOf(raw));
    return message === null ? [] : [{ path: at, message }];
  };
  const length = session === undefined ? 1 : durationToMilliseconds(session);
  return [
    ...(name === TENURE_TARGET ? [{ path, at: 'key' as const, message: `${name} is built in; choose another name` }] : []),
    ...(targets.includes(name)
      ? [{ path, at: 'key' as const, message: `${name} is the name of a target already; choose another, and name it in \`target\`` }]
      : []),
    ...(target === undefined || targets.includes(target)
      ? []
      : [{ path: [...path, 'target'], message: `there is no target ${target}${didYouMean(target, targets)}` }]),
    ...(typeof mayUse === 'object' && 'when' in mayUse ? cel([...path, 'mayUse', 'when'], mayUse.when, 'bool', 'identity') : []),
    ...Object.entries(attributes ?? {}).flatMap(([claim, source]) => cel([...path, 'attributes', claim], source, 'any', 'application')),
    ...cel([...path, 'groups'], groups, 'strings', 'application'),
    ...(length === null || length <= 0 ? [{ path: [...path, 'session'], message: `"${session}" is no duration; write it like PT1H` }] : []),
    ...(application.protocol === 'oidc' ? checkOidc(path, application) : checkMetadata([...path, 'metadata'], application.metadata)),
  ];
}

type RawOidc = Extract<RawApplication, { readonly protocol: 'oidc' }>;

function checkOidc(
  path: Path,
  { redirectUris, postLogoutRedirectUris = [], backchannelLogoutUri, pkce, profile, clientSecret, jwks }: RawOidc,
): LocatedProblem[] {
  return [
    ...redirectUris.flatMap((uri, index) => checkUri([...path, 'redirectUris', String(index)], uri)),
    ...postLogoutRedirectUris.flatMap((uri, index) => checkUri([...path, 'postLogoutRedirectUris', String(index)], uri)),
    ...(backchannelLogoutUri === undefined ? [] : checkUri([...path, 'backchannelLogoutUri'], backchannelLogoutUri)),
    ...(pkce === 'optional' && clientSecret === undefined && jwks === undefined
      ? [{ path: [...path, 'pkce'], message: 'is optional only for an application with a clientSecret or jwks: without either, PKCE alone protects its codes' }]
      : []),
    ...(profile === 'fapi2' && jwks === undefined
      ? [{ path: [...path, 'profile'], message: 'fapi2 needs jwks: the application proves itself by private_key_jwt' }]
      : []),
  ];
}

/** Checks an address to which codes, tokens or notices go: https, or this machine. */
function checkUri(path: Path, uri: string): LocatedProblem[] {
  const found = checkAddress(path, uri, { protocols: ['https:', 'http:'], unused: ['user'] });
  if (found.length > 0) return found;
  if (uri.includes('#')) return [{ path, message: 'has a fragment, which no redirect may have (RFC 6749 section 3.1.2)' }];
  return uri.toLowerCase().startsWith('https:') || isLocal(uri) ? [] : [{ path, message: 'must be an https address (http only on this machine)' }];
}

function checkMetadata(path: Path, metadata: string): LocatedProblem[] {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(metadata) ? checkUri(path, metadata) : [];
}

function schemaOf(raw: RawTenure): AttributeSchema {
  return Object.fromEntries(Object.entries(raw.attributes ?? {}).filter(([name]) => !Object.hasOwn(BUILT_IN_ATTRIBUTES, name)));
}
