import { inflateRawSync } from 'node:zlib';
import { buildSamlResponse, type SamlResponseContent } from '@tenure/testing/identity-providers/saml-response.ts';
import { createSigningKey, type SigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { signElement, type TestSignature } from '../../../../libs/federation/saml/test-signer.ts';
import type { TestApi } from '../api.ts';
import { type Answered, createVisitor, type Visitor } from './login-attempt.ts';

/** The key that the metadata lists, one that it does not, and the one that assertions are encrypted for. */
export const KEY = createSigningKey('identity provider');
export const OTHER_KEY = createSigningKey('somebody else');
export const OUR_KEY = createSigningKey('decryption');
export const ISSUER = 'https://login.contoso.example/metadata';

/** Entries of the configuration that trust this provider, each in its own way. */
export type Entry = 'idp' | 'around' | 'both' | 'sealed';
const WHAT_IT_SIGNS: Readonly<Record<Entry, NonNullable<Made['sign']>>> = {
  idp: ['assertion'],
  around: ['response'],
  both: ['assertion', 'response'],
  sealed: ['assertion'],
};

/** A SAML identity provider that signs any message. */
export interface HostileIdp {
  readonly url: string;
  /** Requests to it for anything but its metadata: those that a message makes us send. */
  readonly fetched: readonly string[];
  forget(): void;
  stop(): Promise<void>;
}

/** @param role attributes of its role in the metadata @param services further services there, given its address */
export async function startHostileIdp(role = '', services: (url: string) => string = () => ''): Promise<HostileIdp> {
  let fetched: string[] = [];
  const server = await startServer((request, response) => {
    if (request.url === '/metadata') return void response.end(metadata(server.url, role, services(server.url)));
    fetched.push(request.url ?? '');
    response.end('eve@evil.example');
  }, 0);
  return {
    ...server,
    get fetched() {
      return fetched;
    },
    forget: () => void (fetched = []),
  };
}

function metadata(url: string, role: string, services: string): string {
  const body = KEY.certificate.replace(/-----[^-]+-----|\s/g, '');
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${ISSUER}"><md:IDPSSODescriptor${role} protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>${services}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${url}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
}

/** A login that waits for its answer. */
export interface Asked {
  readonly api: TestApi;
  readonly entry: Entry;
  readonly visitor: Visitor;
  readonly id: string;
  /** The request as XML, and the address to which the browser was sent. */
  readonly request: string;
  readonly location: string;
}

/** Begins a login. */
export async function ask(api: TestApi, entry: Entry, visitor: Visitor = createVisitor(api), query = ''): Promise<Asked> {
  const begun = await visitor.get(`/saml/${entry}/login${query}`);
  const request = inflateRawSync(Buffer.from(new URL(begun.location ?? '').searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  return { api, entry, visitor, id: / ID="([^"]+)"/.exec(request)?.[1] ?? '', request, location: begun.location ?? '' };
}

/** Answers it with a message, as the form that the browser posts. */
export function answer({ entry, visitor }: Pick<Asked, 'entry' | 'visitor'>, message: string | Buffer): Promise<Answered> {
  return visitor.post(`/saml/${entry}/acs`, new URLSearchParams({ SAMLResponse: Buffer.from(message).toString('base64') }));
}

/** Differences of a message from a valid one. */
export interface Made {
  readonly content?: Partial<SamlResponseContent>;
  readonly sign?: readonly ('assertion' | 'response')[];
  readonly key?: SigningKey;
  readonly signature?: Partial<TestSignature>;
  /** Changes the response before it is signed. */
  readonly before?: (xml: string) => string;
  /** Between the assertion's signature and the response's. */
  readonly between?: (xml: string) => string;
  /** Changes by an attacker after signing. */
  readonly after?: (xml: string) => string;
}
const same = (xml: string): string => xml;

/** A response to a login, valid unless `made` differs. */
export function make({ api, entry, id }: Asked, made: Made = {}): string {
  const { sign = WHAT_IT_SIGNS[entry], key = KEY, signature = {}, before = same, between = same, after = same } = made;
  const unsigned = buildSamlResponse({
    issuer: ISSUER,
    audience: `https://tenure.example/saml/${entry}/metadata`,
    acsUrl: `https://tenure.example/saml/${entry}/acs`,
    inResponseTo: id,
    subject: `ada-${entry}@contoso.example`,
    attributes: { department: ['Finance'] },
    now: api.now,
    ...made.content,
  });
  const assertionSigned = between(sign.includes('assertion') ? signElement(before(unsigned), key, { element: 'Assertion', ...signature }) : before(unsigned));
  return after(sign.includes('response') ? signElement(assertionSigned, key, { element: 'Response', ...signature }) : assertionSigned);
}
