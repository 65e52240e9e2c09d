import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID, sign, verify, X509Certificate } from 'node:crypto';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { parseResponse, readSigningCertificate, type SamlProviderMetadata, verifySamlResponse } from '@tenure/federation';
import { Pool } from 'pg';
import { measure } from '../measure.ts';
import { type Row, rowOf } from '../row.ts';
import type { BenchSamlProvider } from './saml-provider.ts';

const times = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

/** Measures the minimum of a login: one verified signature, and one durable transaction. */
export async function bareFloors(databaseUrl: string, n: number): Promise<{ readonly one: Row; readonly eight: Row }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const message = randomBytes(6000);
  const signature = sign('sha256', message, privateKey);
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  const pool = new Pool({ connectionString: databaseUrl, max: 8 });
  await pool.query('create table floor (id uuid primary key, at timestamptz not null)');
  const work = async (): Promise<void> => {
    if (!verify('sha256', message, key, signature)) throw new Error('the signature is not good');
    const client = await pool.connect();
    await client.query('begin');
    await client.query({ name: 'floor', text: 'insert into floor values ($1, now())', values: [randomUUID()] });
    await client.query('commit');
    client.release();
  };
  await measure(times(100), 8, work);
  const one = rowOf('floor: one transaction, one RSA-2048 check', await measure(times(n), 1, work));
  const eight = rowOf('floor: the same, 8 at a time', await measure(times(n * 4), 8, work));
  await pool.query('drop table floor');
  await pool.end();
  return { one, eight };
}

/** Measures the verification of the same kind of response by the library alone: Tenure's, and node-saml as its peer. */
export async function libraryFloors(provider: BenchSamlProvider, url: string, n: number, floor: Row): Promise<readonly Row[]> {
  const serviceProvider = { entityId: `${url}/saml/contoso/metadata`, acsUrl: `${url}/saml/contoso/acs` };
  const metadata: SamlProviderMetadata = {
    entityId: provider.entityId,
    ssoUrl: 'https://idp.contoso.example/sso',
    ssoPostUrl: null,
    wantsSignedRequests: false,
    logoutServices: [],
    signingCertificates: [readSigningCertificate(provider.certificate)],
    validUntil: null,
  };
  const peer = new SAML({
    idpCert: provider.certificate,
    issuer: serviceProvider.entityId,
    callbackUrl: serviceProvider.acsUrl,
    audience: serviceProvider.entityId,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  if (new X509Certificate(provider.certificate).publicKey.asymmetricKeyType !== 'rsa') throw new Error('the provider has to sign with RSA');
  const messages = times(n).map((person) => Buffer.from(provider.respond(person, { url, inResponseTo: '_request' })).toString('base64'));
  const ours = async (samlResponse: string): Promise<unknown> =>
    verifySamlResponse({
      response: parseResponse(samlResponse),
      provider: metadata,
      serviceProvider,
      expectedInResponseTo: '_request',
      clockSkew: 30_000,
      now: new Date().toISOString(),
    });
  const theirs = (SAMLResponse: string): Promise<unknown> => peer.validatePostResponseAsync({ SAMLResponse });
  await measure(messages.slice(0, 30), 1, ours);
  await measure(messages.slice(0, 30), 1, theirs);
  return [
    rowOf('SAML response verified by our library alone', await measure(messages, 1, ours), floor),
    rowOf('SAML response verified by node-saml alone', await measure(messages, 1, theirs), floor),
  ];
}
