import { isAbsolute, resolve } from 'node:path';
import { durationToMilliseconds } from '@tenure/domain';
import type { ApplicationSettings, ApplicationUsers } from './configuration.ts';
import type { RawApplication } from './raw-tenure.ts';
import { ownerOf } from './read-requestable.ts';

/** Longest session at an application unless its entry states another: an hour, in milliseconds. */
const SESSION = 3_600_000;

/** Settings of one application, with all defaults filled in. @param directory folder, absolute, to which file paths are relative */
export function readApplication(name: string, raw: RawApplication, directory: string): ApplicationSettings {
  const file = (path: string): string => (isAbsolute(path) ? path : resolve(directory, path));
  const place = (text: string): string => (/^https?:\/\//.test(text) ? text : file(text));
  const base = {
    name,
    title: raw.title ?? name,
    logo: raw.logo === undefined ? null : file(raw.logo),
    owner: raw.owner === undefined ? null : ownerOf(raw.owner),
    address: raw.address ?? null,
    target: raw.target ?? null,
    mayUse: readUsers(raw.mayUse),
    attributes: raw.attributes ?? {},
    groups: raw.groups ?? null,
    subject: raw.subject ?? 'pairwise',
    session: raw.session === undefined ? SESSION : (durationToMilliseconds(raw.session) ?? SESSION),
    onChange: raw.onChange ?? 'end',
  } as const;
  if (raw.protocol === 'saml') return { ...base, protocol: 'saml', metadata: place(raw.metadata), allowIdpInitiated: raw.allowIdpInitiated ?? false };
  return {
    ...base,
    protocol: 'oidc',
    clientId: raw.clientId,
    clientSecret: raw.clientSecret ?? null,
    jwks: raw.jwks === undefined ? null : place(raw.jwks),
    redirectUris: raw.redirectUris,
    postLogoutRedirectUris: raw.postLogoutRedirectUris ?? [],
    backchannelLogoutUri: raw.backchannelLogoutUri ?? null,
    pkce: raw.pkce ?? 'required',
    profile: raw.profile ?? 'standard',
    resources: raw.resources ?? [],
  };
}

function readUsers(raw: RawApplication['mayUse']): ApplicationUsers | null {
  if (raw === undefined) return null;
  if (typeof raw === 'string') return { entitlements: [raw] };
  return 'when' in raw ? raw : { entitlements: raw };
}
