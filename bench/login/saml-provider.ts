import { writeFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { buildSamlResponse, signSamlResponse } from '@tenure/testing/identity-providers/saml-response.ts';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { claimsOf } from './login-files.ts';
import { beginLogin, type ReadyRequest } from './requests.ts';

/** A SAML identity provider that signs in advance. */
export interface BenchSamlProvider {
  readonly entityId: string;
  readonly certificate: string;
  /** Signed response, as XML. */
  respond(person: number, to: { readonly url: string; readonly inResponseTo: string | null }): string;
  /** Begins a login at an API process and signs the response, which is then ready to be sent. */
  prepare(api: string, publicUrl: string, person: number): Promise<ReadyRequest>;
}

export async function createSamlProvider(metadataFile: string): Promise<BenchSamlProvider> {
  const key = createSigningKey('bench');
  const entityId = 'https://idp.contoso.example/metadata';
  const certificate = key.certificate.replace(/-----[^-]+-----|\s/g, '');
  await writeFile(
    metadataFile,
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.contoso.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
  );
  const respond: BenchSamlProvider['respond'] = (person, { url, inResponseTo }) =>
    signSamlResponse(
      buildSamlResponse({
        issuer: entityId,
        audience: `${url}/saml/contoso/metadata`,
        acsUrl: `${url}/saml/contoso/acs`,
        inResponseTo,
        subject: `subject-${person}`,
        attributes: { ...Object.fromEntries(Object.entries(claimsOf(person)).map(([name, value]) => [name, [value]])), groups: ['staff', 'everyone'] },
        attributePrefix: 'http://schemas.contoso.example/claims/',
        now: new Date().toISOString(),
      }),
      key,
      ['assertion'],
    );
  return {
    entityId,
    certificate: key.certificate,
    respond,
    async prepare(api, url, person) {
      const { to, headers } = await beginLogin(`${api}/saml/contoso/login`);
      const request = inflateRawSync(Buffer.from(to.searchParams.get('SAMLRequest') ?? '', 'base64')).toString('utf8');
      const inResponseTo = /\bID="([^"]+)"/.exec(request)?.[1] ?? null;
      const body = new URLSearchParams({ SAMLResponse: Buffer.from(respond(person, { url, inResponseTo })).toString('base64') }).toString();
      return { url: `${api}/saml/contoso/acs`, method: 'POST', headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' }, body };
    },
  };
}
