import type { RawApplication, RawTenure } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Claims of a token that the provider sets itself (RFC 7519 section 4.1, OpenID Connect Core section 2). */
const OWN_CLAIMS: readonly string[] = [
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'auth_time', 'nonce', 'acr', 'amr', 'azp', 'at_hash', 'c_hash', 's_hash', 'sid', 'cnf', 'events'],
  ...['groups', '_claim_names', '_claim_sources'],
];

/** Checks that an OpenID Connect application is told apart from others, and that its entry names no claim that the provider sets. */
export function checkOidcClient(
  path: Path,
  name: string,
  application: Extract<RawApplication, { readonly protocol: 'oidc' }>,
  raw: RawTenure,
): LocatedProblem[] {
  const { attributes, clientId } = application;
  const other = Object.entries(raw.applications ?? {}).find(([key, one]) => key !== name && one.protocol === 'oidc' && one.clientId === clientId);
  return [
    ...(other === undefined
      ? []
      : [{ path: [...path, 'clientId'], message: `is the client id of ${other[0]} as well; each application needs one of its own` }]),
    ...Object.keys(attributes ?? {})
      .filter((claim) => OWN_CLAIMS.includes(claim))
      .map((claim) => ({
        path: [...path, 'attributes', claim],
        at: 'key' as const,
        message: claim === 'groups' ? 'is set by `groups` of the entry' : 'is set by Tenure; choose another name',
      })),
  ];
}
