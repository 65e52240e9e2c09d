import { type CacheProvider, type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import type { SignedPart } from './service-provider.ts';
import { NOW, PROVIDER, REQUEST_ID, SERVICE_PROVIDER } from './test-messages.ts';

/** Test helper: result of another library for a message. */
export interface Opinion {
  readonly issuer: string | undefined;
  readonly subject: string;
  readonly nameIdFormat: string | undefined;
  readonly sessionIndex: string | undefined;
  /** Attributes by Name, without values that are not only text and attributes whose Name occurs twice: the library keeps only the last. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/** Cache with the pending request, which no message consumes. */
const requests: CacheProvider = {
  saveAsync: async () => null,
  getAsync: async (id) => (id === REQUEST_ID ? NOW : null),
  removeAsync: async () => null,
};

function library(signed: SignedPart, decryptionKey: string | null): SAML {
  return new SAML({
    callbackUrl: SERVICE_PROVIDER.acsUrl,
    issuer: SERVICE_PROVIDER.entityId,
    audience: SERVICE_PROVIDER.entityId,
    idpIssuer: PROVIDER.entityId,
    idpCert: PROVIDER.signingCertificates.map(({ pem }) => pem),
    wantAssertionsSigned: signed !== 'response',
    wantAuthnResponseSigned: signed !== 'assertion',
    acceptedClockSkewMs: 30_000,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: requests,
    ...(decryptionKey === null ? {} : { decryptionPvk: decryptionKey }),
  });
}

/** Creates a reader of messages that uses node-saml. @returns its opinion of a message, or `null` when it refuses the message */
export function createSecondOpinion(signed: SignedPart, decryptionKey: string | null = null): (xml: Buffer) => Promise<Opinion | null> {
  const saml = library(signed, decryptionKey);
  return async (xml) => {
    const profile = await saml.validatePostResponseAsync({ SAMLResponse: xml.toString('base64') }).then(
      (answer) => answer.profile,
      () => null,
    );
    if (profile === null) return null;
    const { issuer, nameID, nameIDFormat, sessionIndex } = profile;
    return { issuer, subject: nameID, nameIdFormat: nameIDFormat, sessionIndex, claims: claimsOf(profile) };
  };
}

function claimsOf(profile: Profile): Opinion['claims'] {
  const attributes = (profile['attributes'] ?? {}) as Readonly<Record<string, unknown>>;
  const names = JSON.stringify(profile.getAssertion?.() ?? {}).matchAll(/"Name":"((?:[^"\\]|\\.)*)"/g);
  const seen = Map.groupBy(
    Array.from(names, ([, name]) => JSON.parse(`"${name}"`) as string),
    (name) => name,
  );
  const once = Object.entries(attributes).filter(([name]) => seen.get(name)?.length === 1);
  return Object.fromEntries(once.flatMap(([name, value]) => textsOf(value)?.map((texts) => [name, texts]) ?? []));
}

/** Values as a list within a list; `null` if a value is not only text. Empty values are left out, as Tenure does. */
function textsOf(value: unknown): readonly [readonly string[]] | null {
  const items = [value].flat(1);
  if (items.some((item) => item !== undefined && typeof item !== 'string')) return null;
  return [items.filter((item) => typeof item === 'string' && item.trim() !== '') as string[]];
}
