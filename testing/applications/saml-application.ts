import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SAML } from '@node-saml/node-saml';
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { createSigningKey } from '../identity-providers/self-signed-certificate.ts';
import { escapeMarkup } from '../identity-providers/login-page.ts';
import { signElement } from '../identity-providers/saml-response.ts';
import { readBody, startServer, stopOnSignal } from '../identity-providers/start-server.ts';
import { answerCommon, ApplicationState, enter, sendHtml } from './application-state.ts';

// An application that knows nobody: people come by SAML 2.0 (node-saml), and it creates their accounts from the assertion. With --soap-logout it is
// told of logouts at a SOAP endpoint; without, it goes by SessionNotOnOrAfter alone.

const { values } = parseArgs({
  options: { port: { type: 'string' }, metadata: { type: 'string' }, title: { type: 'string' }, 'soap-logout': { type: 'boolean' } },
});
const { port = '0', metadata = '', title = 'Expenses', 'soap-logout': hasLogout = false } = values;
const state = new ApplicationState(title.toLowerCase());
const key = createSigningKey(title);
const privateKey = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
let read: Promise<{ readonly saml: SAML; readonly issuer: string }> | null = null;

const certificate = key.certificate.replaceAll(/-----[^-]+-----|\s/g, '');
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';

/** Reads the identity provider's metadata when somebody logs in first: it may start after the application. */
function provider(): Promise<{ readonly saml: SAML; readonly issuer: string }> {
  read ??= readProvider().catch((error: unknown) => {
    read = null;
    throw error;
  });
  return read;
}

async function readProvider(): Promise<{ readonly saml: SAML; readonly issuer: string }> {
  const document = new DOMParser().parseFromString(await (await fetch(metadata)).text(), 'text/xml');
  const all = (name: string): Element[] => Array.from(document.getElementsByTagNameNS('*', name));
  const binding = (element: Element): boolean => (element.getAttribute('Binding') ?? '').endsWith(':HTTP-Redirect');
  const idpCert = [...new Set(all('X509Certificate').map((element) => (element.textContent ?? '').replaceAll(/\s/g, '')))];
  const saml = new SAML({
    callbackUrl: `${server.url}/acs`,
    entryPoint: all('SingleSignOnService').find(binding)?.getAttribute('Location') ?? '',
    issuer: `${server.url}/metadata`,
    audience: `${server.url}/metadata`,
    idpCert,
    privateKey,
    signatureAlgorithm: 'sha256',
    identifierFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    disableRequestedAuthnContext: true,
    wantAuthnResponseSigned: true,
    wantAssertionsSigned: true,
    acceptedClockSkewMs: 1000,
  });
  return { saml, issuer: document.documentElement?.getAttribute('entityID') ?? '' };
}

function ownMetadata(): string {
  const logout = hasLogout ? `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="${server.url}/soap"/>` : '';
  return (
    `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${server.url}/metadata">` +
    `<SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="${PROTOCOL}">` +
    `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
    `${logout}<NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>` +
    `<AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${server.url}/acs" index="0" isDefault="true"/>` +
    '</SPSSODescriptor></EntityDescriptor>'
  );
}

/** Ends the session that a SOAP message names, whose signature node-saml verifies, and answers it (SAML bindings 3.2). */
async function soapLogout(body: string): Promise<string> {
  const { saml, issuer } = await provider();
  const [request] = Array.from(new DOMParser().parseFromString(body, 'text/xml').getElementsByTagNameNS(PROTOCOL, 'LogoutRequest'));
  if (request === undefined) throw new Error('there is no LogoutRequest');
  const { profile } = await saml.validatePostRequestAsync({ SAMLRequest: Buffer.from(new XMLSerializer().serializeToString(request)).toString('base64') });
  if (profile === null || profile.issuer !== issuer) throw new Error('the LogoutRequest is not from the identity provider');
  const [index] = Array.from(request.getElementsByTagNameNS(PROTOCOL, 'SessionIndex'));
  state.end(profile.nameID, index?.textContent ?? null);
  const response =
    `<samlp:LogoutResponse xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="_${randomUUID()}" Version="2.0" IssueInstant="${new Date().toISOString()}"` +
    ` InResponseTo="${escapeMarkup(request.getAttribute('ID') ?? '')}"><saml:Issuer>${server.url}/metadata</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>`;
  return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${signElement(response, key, 'LogoutResponse')}</soap:Body></soap:Envelope>`;
}

const server = await startServer((request, response) => {
  const run = async (): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', server.url);
    if (request.method === 'GET' && pathname === '/metadata') {
      response.writeHead(200, { 'content-type': 'application/samlmetadata+xml' }).end(ownMetadata());
      return;
    }
    if (answerCommon(title, state, request, response)) return;
    if (request.method === 'GET' && pathname === '/login') {
      response.writeHead(303, { location: await (await provider()).saml.getAuthorizeUrlAsync('', undefined, {}) }).end();
      return;
    }
    if (request.method === 'POST' && pathname === '/acs') {
      const form = new URLSearchParams(await readBody(request));
      const { profile } = await (await provider()).saml.validatePostResponseAsync({ SAMLResponse: form.get('SAMLResponse') ?? '' });
      if (profile === null) throw new Error('there is no assertion');
      const assertion = profile.getAssertionXml?.() ?? '';
      const notAfter = /SessionNotOnOrAfter="([^"]+)"/.exec(assertion)?.[1] ?? new Date(Date.now() + 8 * 3_600_000).toISOString();
      const roles = [profile['groups'] ?? []].flat().map(String);
      const cookie = state.logIn({
        subject: profile.nameID,
        name: String(profile['displayName'] ?? profile.nameID),
        roles,
        index: profile.sessionIndex ?? '',
        notAfter,
      });
      return enter(response, cookie);
    }
    if (request.method === 'POST' && pathname === '/soap' && hasLogout) {
      const answer = await soapLogout(await readBody(request));
      response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(answer);
      return;
    }
    sendHtml(response, 404, '<p>There is nothing here.</p>');
  };
  run().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    console.error(message);
    if (!response.headersSent) sendHtml(response, 400, `<p>The login failed: ${message.replaceAll(/[<>&]/g, '')}</p>`);
  });
}, Number(port));
stopOnSignal(server);
console.log(`ready ${server.url}`);
