import type { SamlApplicationSettings } from '@tenure/config';
import type { Instant, ReleasedClaims } from '@tenure/domain';
import type { Entry } from '@tenure/engine/applications';
import type { Keyring } from '@tenure/engine/keys';
import {
  type ContextDemand,
  EMAIL_FORMAT,
  type NameId,
  PERSISTENT_FORMAT,
  type ResponseInput,
  type SamlApplicationMetadata,
  type SamlIdentityProvider,
  statedContext,
  writeResponse,
} from '@tenure/federation';
import type { Session } from '@tenure/store';

/** NameID format that an application gets. */
export function nameIdFormatOf({ subject }: Pick<SamlApplicationSettings, 'subject'>): string {
  return subject === 'email' ? EMAIL_FORMAT : PERSISTENT_FORMAT;
}

/** NameID of a person at an application: qualified where it is Tenure's own name for them. */
export function nameIdOf(settings: Pick<SamlApplicationSettings, 'subject'>, value: string, issuer: string, entityId: string): NameId {
  const format = nameIdFormatOf(settings);
  return settings.subject === 'email'
    ? { value, format, nameQualifier: null, spNameQualifier: null }
    : { value, format, nameQualifier: issuer, spNameQualifier: entityId };
}

/** Parts that every response to an application shares. */
export async function responseBase(
  { keyring, identityProvider }: { readonly keyring: Keyring; readonly identityProvider: SamlIdentityProvider },
  { application, acsUrl, inResponseTo, now }: { application: SamlApplicationMetadata; acsUrl: string; inResponseTo: string | null; now: Instant },
): Promise<ResponseInput> {
  const { privateKey, certificate } = await keyring.signing('saml');
  return { issuer: identityProvider.entityId, application, acsUrl, inResponseTo, signature: { privateKey, certificate }, now };
}

/** Response about an entry. @param demand authentication that was demanded, which the session satisfies; `null`: any */
export function entryResponse(
  base: ResponseInput,
  settings: SamlApplicationSettings,
  { entry, session, demand }: { readonly entry: Extract<Entry, { mayEnter: true }>; readonly session: Session; readonly demand: ContextDemand | null },
): string {
  return writeResponse({
    ...base,
    nameId: nameIdOf(settings, entry.subject, base.issuer, base.application.entityId),
    sessionIndex: entry.session.sessionIndex,
    sessionEnd: entry.session.expiresAt,
    authenticatedAt: session.authenticatedAt ?? session.createdAt,
    context: statedContext(session.acr, demand),
    attributes: attributesOf(entry.claims),
  });
}

/** Attributes that an application receives. An attribute of that name takes the place of the list of groups. */
function attributesOf({ attributes, groups }: ReleasedClaims): ReleasedClaims['attributes'] {
  return { groups, ...attributes };
}
