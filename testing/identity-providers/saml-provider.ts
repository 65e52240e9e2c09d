import { resolve } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { autoPostPage, escapeMarkup, loginPage } from './login-page.ts';
import { findPerson, type People, type Person } from './people.ts';
import { readAuthnRequest } from './saml-authn-request.ts';
import { buildSamlResponse, signSamlResponse } from './saml-response.ts';
import { createSigningKey, type SigningKey } from './self-signed-certificate.ts';
import { type RunningServer, startServer, stopOnSignal } from './start-server.ts';

export interface SamlProviderOptions {
  readonly port: number;
  readonly people: People;
  /** The registered service provider. Without it, any service provider is answered: there is no other in a demo. */
  readonly serviceProvider?: { readonly entityId: string; readonly acsUrl: string };
  /** Sign the response as well as the assertion. */
  readonly signResponse?: boolean;
}

export interface RunningSamlProvider extends RunningServer {
  readonly entityId: string;
  readonly metadataUrl: string;
  /** Address at which a login begins without a request of the service provider (`?as=NAME`); needs `serviceProvider`. */
  readonly startUrl: string;
  /** Signs with a new key from now on; the metadata lists the new one, and the old one too if `keepOld`. */
  rotateKey(keepOld?: boolean): void;
}

interface State {
  readonly options: SamlProviderOptions;
  key: SigningKey;
  published: readonly SigningKey[];
  url: string;
}

/** Destination of a response, and the request that it answers. */
interface Destination {
  readonly audience: string;
  readonly acsUrl: string;
  readonly inResponseTo: string | null;
  readonly relayState: string | null;
}

/** Starts a SAML identity provider with keys of its own. */
export async function startSamlProvider(options: SamlProviderOptions): Promise<RunningSamlProvider> {
  const key = createSigningKey('Contoso demo identity provider');
  const state: State = { options, key, published: [key], url: '' };
  const server = await startServer((request, response) => answer(state, request, response), options.port);
  state.url = server.url;
  return {
    ...server,
    entityId: entityIdOf(state),
    metadataUrl: `${server.url}/metadata`,
    startUrl: `${server.url}/start`,
    rotateKey: (keepOld = false) => {
      const old = state.key;
      state.key = createSigningKey('Contoso demo identity provider');
      state.published = keepOld ? [old, state.key] : [state.key];
    },
  };
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', state.url);
  try {
    if (url.pathname === '/health') send(response, 200, 'text/plain', 'ok');
    else if (url.pathname === '/metadata') send(response, 200, 'application/samlmetadata+xml', metadata(state));
    else if (url.pathname === '/sso') send(response, 200, 'text/html; charset=utf-8', logIn(state, url, requested(state, url)));
    else if (url.pathname === '/start') send(response, 200, 'text/html; charset=utf-8', logIn(state, url, unrequested(state, url)));
    else send(response, 404, 'text/plain', 'not found');
  } catch (error) {
    send(response, 400, 'text/html; charset=utf-8', `<!doctype html><p>${escapeMarkup(error instanceof Error ? error.message : 'failed')}</p>`);
  }
}

function requested({ options }: State, url: URL): Destination {
  const { id, issuer, acsUrl } = readAuthnRequest(url.searchParams.get('SAMLRequest') ?? '');
  const registered = options.serviceProvider;
  if (registered && (registered.entityId !== issuer || registered.acsUrl !== acsUrl)) throw new Error('this service provider is not registered here');
  return { audience: issuer, acsUrl, inResponseTo: id, relayState: url.searchParams.get('RelayState') };
}

function unrequested({ options }: State, url: URL): Destination {
  if (!options.serviceProvider) throw new Error('no service provider is registered');
  return {
    audience: options.serviceProvider.entityId,
    acsUrl: options.serviceProvider.acsUrl,
    inResponseTo: null,
    relayState: url.searchParams.get('RelayState'),
  };
}

function logIn(state: State, url: URL, destination: Destination): string {
  const name = url.searchParams.get('as');
  if (name === null) return loginPage('Contoso', state.options.people, (person) => linkAs(url, person));
  const person = findPerson(state.options.people, name);
  if (!person) throw new Error('nobody of that name works here');
  const samlResponse = Buffer.from(signedResponse(state, person, destination)).toString('base64');
  return autoPostPage(destination.acsUrl, { SAMLResponse: samlResponse, ...(destination.relayState === null ? {} : { RelayState: destination.relayState }) });
}

function linkAs(url: URL, name: string): string {
  const link = new URL(url);
  link.searchParams.set('as', name);
  return `${link.pathname}${link.search}`;
}

function signedResponse(state: State, person: Person, destination: Destination): string {
  const xml = buildSamlResponse({
    ...destination,
    issuer: entityIdOf(state),
    subject: person.subject ?? person.name,
    attributes: Object.fromEntries(Object.entries(person.attributes).map(([name, value]) => [name, typeof value === 'object' ? value : [String(value)]])),
    attributePrefix: 'http://schemas.contoso.example/claims/',
    now: new Date().toISOString(),
  });
  return signSamlResponse(xml, state.key, state.options.signResponse ? ['assertion', 'response'] : ['assertion']);
}

function metadata(state: State): string {
  const keys = state.published.map(
    ({ certificate }) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return (
    `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityIdOf(state)}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}` +
    `<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${state.url}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`
  );
}

function entityIdOf(state: State): string {
  return `${state.url}/metadata`;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

if (process.argv[1] && import.meta.filename === resolve(process.argv[1])) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      people: { type: 'string' },
      audience: { type: 'string' },
      acs: { type: 'string' },
      'sign-response': { type: 'boolean' },
    },
  });
  if (!values.people) throw new Error('usage: saml-provider.ts --people FILE.json [--port N] [--audience ENTITY_ID --acs URL] [--sign-response]');
  const provider = await startSamlProvider({
    port: Number(values.port ?? 0),
    people: values.people,
    signResponse: values['sign-response'] ?? false,
    ...(values.audience && values.acs ? { serviceProvider: { entityId: values.audience, acsUrl: values.acs } } : {}),
  });
  console.log(`ready ${provider.url}`);
  stopOnSignal(provider);
}
