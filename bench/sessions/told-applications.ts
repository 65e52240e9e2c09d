import { X509Certificate } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSigningKey, logoutResponse, newRequestId, signElement, soapEnvelope } from '@tenure/federation';
import { startLogoutReceiver } from '@tenure/testing/logout-receiver.ts';

/** Two applications that are notified of ends of sessions: one by OpenID Connect back-channel logout, one by SAML over SOAP. */
export interface ToldApplications {
  readonly names: readonly string[];
  /** Part of tenure.yaml. */
  readonly yaml: string;
  /** Addresses, in the order of the names. */
  readonly urls: readonly string[];
  /** Resolves with the instant at which a session (`sid`, SessionIndex) was ended here. */
  told(sessionIndex: string): Promise<number>;
  stop(): Promise<void>;
}

const SAML = 'urn:oasis:names:tc:SAML:2.0';
const entityId = 'https://library.example/metadata';

export async function startToldApplications(directory: string): Promise<ToldApplications> {
  const [wiki, library] = [await startLogoutReceiver(), await startLogoutReceiver()];
  const key = createSigningKey('library', new Date());
  const at = new Map<string, number>();
  const waiting = new Map<string, (instant: number) => void>();
  const note = (sessionIndex: string): void => {
    if (at.has(sessionIndex)) return;
    at.set(sessionIndex, Date.now());
    waiting.get(sessionIndex)?.(Date.now());
  };
  wiki.answer = (body) => {
    const [, claims = ''] = (new URLSearchParams(body).get('logout_token') ?? '').split('.');
    note((JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string }).sid);
    return { status: 200 };
  };
  library.answer = (body) => {
    note(/<samlp:SessionIndex>([^<]+)</.exec(body)?.[1] ?? '');
    const inResponseTo = / ID="([^"]+)"/.exec(body)?.[1] ?? '';
    const now = new Date().toISOString();
    const destination = 'http://127.0.0.1:4000/idp/saml/soap';
    const xml = logoutResponse({ id: newRequestId(), issuer: entityId, destination, inResponseTo, status: 'success', now });
    return { status: 200, body: soapEnvelope(signElement(xml, { element: 'LogoutResponse', ...key })) };
  };
  const metadata = join(await mkdtemp(join(directory, 'metadata-')), 'library.xml');
  const certificate = new X509Certificate(key.certificate).raw.toString('base64');
  await writeFile(
    metadata,
    `<md:EntityDescriptor xmlns:md="${SAML}:metadata" entityID="${entityId}"><md:SPSSODescriptor protocolSupportEnumeration="${SAML}:protocol">` +
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
      `<md:SingleLogoutService Binding="${SAML}:bindings:SOAP" Location="${library.url}"/>` +
      `<md:AssertionConsumerService Binding="${SAML}:bindings:HTTP-POST" Location="https://library.example/acs" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>`,
  );
  return {
    names: ['wiki', 'library'],
    urls: [wiki.url, library.url],
    yaml: `applications:
  wiki: { protocol: oidc, clientId: wiki, redirectUris: [https://wiki.example/callback], backchannelLogoutUri: "${wiki.url}", session: PT8H, mayUse: { when: "true" } }
  library: { protocol: saml, metadata: "${metadata}", session: PT8H, mayUse: { when: "true" } }
`,
    told: (sessionIndex) =>
      new Promise((resolve) => {
        const instant = at.get(sessionIndex);
        if (instant === undefined) waiting.set(sessionIndex, resolve);
        else resolve(instant);
      }),
    stop: async () => void (await Promise.all([wiki.close(), library.close()])),
  };
}
