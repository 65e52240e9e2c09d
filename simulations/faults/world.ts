import { setTimeout as pause } from 'node:timers/promises';
import { createGraphqlClient } from '@tenure/testing/graphql-client.ts';
import { readAuthnRequest } from '@tenure/testing/identity-providers/saml-authn-request.ts';
import { buildSamlResponse, signSamlResponse } from '@tenure/testing/identity-providers/saml-response.ts';
import { createSigningKey, type SigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { assertedGroup } from './configuration.ts';
import type { Deed } from './lives.ts';

/** Clients of Tenure: HR, and a browser with its identity provider. They retry until they have an answer. */
export interface World {
  /** @returns Tenure's result, such as `updated` or `stale` */
  record(number: string, deed: Deed & { kind: 'record' }): Promise<string>;
  logIn(number: string, deed: Deed & { kind: 'login' }): Promise<'in' | 'refused'>;
  /** Sends to one API process after the other until one gives an answer; `null` is none yet. */
  persistently<T>(what: string, ask: (url: string) => Promise<T | null>): Promise<T>;
  /** Requests that had to be made again. */
  readonly repeated: () => number;
}

/** Identity provider. It is not what is tested, so it is a key, a name and a signature. */
export interface Provider {
  readonly entityId: string;
  readonly key: SigningKey;
  readonly metadata: string;
}

export function createProvider(): Provider {
  const key = createSigningKey('Partner');
  const entityId = 'https://partner.example/metadata';
  const certificate = key.certificate.replace(/-----[^-]+-----|\s/g, '');
  const metadata =
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
    `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
    `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://partner.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
  return { entityId, key, metadata };
}

export interface WorldOptions {
  readonly urls: readonly string[];
  readonly token: string;
  readonly provider: Provider;
  /** Milliseconds after which an unanswered deed is a failure of the test. */
  readonly patience: number;
}

/** Maximum number of simultaneous requests, of everybody together: more would only wait for each other. */
const atOnce = 40;

const recordFacts = `mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { outcome message } } }`;

export function createWorld({ urls, token, provider, patience }: WorldOptions): World {
  let next = 0;
  let repeated = 0;
  const inTurn = createTurns(atOnce);
  const someUrl = (): string => urls[next++ % urls.length] ?? '';

  async function persistently<T>(what: string, ask: (url: string) => Promise<T | null>): Promise<T> {
    const end = Date.now() + patience;
    let trouble: unknown = 'no answer';
    let wait = 200;
    while (Date.now() < end) {
      try {
        const answer = await inTurn(() => ask(someUrl()));
        if (answer !== null) return answer;
      } catch (error) {
        trouble = error;
      }
      repeated += 1;
      await pause(wait);
      wait = Math.min(wait * 1.5, 2000);
    }
    throw new Error(`${what} was not answered within ${patience} ms`, { cause: trouble });
  }

  return {
    repeated: () => repeated,
    persistently,
    record: (number, { version, department, userType, status, manager }) =>
      persistently(`record ${version} of ${number}`, async (url) => {
        const { displayName, familyName, email } = describe(number);
        const attributes = {
          displayName,
          familyName,
          email,
          employeeNumber: number,
          personType: userType,
          department,
          ...(manager === undefined ? {} : { manager }),
        };
        const { recordFacts: answer } = await createGraphqlClient({ url, token }).ask<{ recordFacts: { results: { outcome: string }[] } }>(recordFacts, {
          input: { source: 'hr', records: [{ externalId: number, version: String(version), status, attributes }] },
        });
        const outcome = answer.results[0]?.outcome.toLowerCase() ?? 'failed';
        return outcome === 'failed' ? null : outcome;
      }),
    logIn(number, deed) {
      const contractEnd = deed.contractEnds === null ? null : new Date(Date.now() + deed.contractEnds).toISOString();
      return persistently(`login of ${number}`, (url) => logInOnce(url, someUrl(), provider, number, deed, contractEnd));
    },
  };
}

/** Logs in once: begins at one API process and ends at another, as behind a load balancer. */
async function logInOnce(
  begunAt: string,
  endedAt: string,
  { entityId, key }: Provider,
  number: string,
  { department, asserted }: Deed & { kind: 'login' },
  contractEnd: string | null,
): Promise<'in' | 'refused' | null> {
  const from = { 'x-forwarded-for': addressOf(number) };
  const signal = AbortSignal.timeout(60_000);
  const begun = await fetch(`${begunAt}/saml/partner/login?returnTo=%2Fme`, { redirect: 'manual', headers: from, signal });
  if (begun.status !== 303) return null;
  const { id, issuer, acsUrl } = readAuthnRequest(new URL(begun.headers.get('location') ?? '').searchParams.get('SAMLRequest') ?? '');
  const { displayName, familyName, email } = describe(number);
  const xml = buildSamlResponse({
    issuer: entityId,
    audience: issuer,
    acsUrl,
    inResponseTo: id,
    subject: number,
    attributes: {
      displayName: [displayName],
      familyName: [familyName],
      email: [email],
      employeeNumber: [number],
      department: [department],
      groups: asserted ? [assertedGroup] : [],
      ...(contractEnd === null ? {} : { contractEnd: [contractEnd] }),
    },
    now: new Date().toISOString(),
  });
  const samlResponse = Buffer.from(signSamlResponse(xml, key, ['assertion'])).toString('base64');
  const cookie = begun.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ');
  const ended = await fetch(`${endedAt}/saml/partner/acs`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...from, cookie },
    body: new URLSearchParams({ SAMLResponse: samlResponse }),
    signal,
  });
  return ended.status === 303 ? 'in' : ended.status === 403 ? 'refused' : null;
}

/** True for every other person, who writes their e-mail address with capitals. */
export function hasCapitals(number: string): boolean {
  return Number(number.replace(/\D/g, '')) % 2 === 0;
}

function describe(number: string): { readonly displayName: string; readonly familyName: string; readonly email: string } {
  const local = hasCapitals(number) ? number : number.toLowerCase();
  return { displayName: `Person ${number}`, familyName: number, email: `${local}@partner.example` };
}

/** Lets so many run at a time; the others wait in their order. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let working = 0;
  return async (work) => {
    if (working >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else working += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) working -= 1;
      else next();
    }
  };
}

/** Address of a person's machine, one for each. */
function addressOf(number: string): string {
  const count = Number(number.replace(/\D/g, ''));
  return `10.1.${count >> 8}.${count & 255}`;
}
