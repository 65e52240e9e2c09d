import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { claimsOf } from './login-files.ts';
import { beginLogin, type ReadyRequest, send } from './requests.ts';

/** An OpenID provider that signs in advance and answers from memory: the shortest possible round trip. */
export interface BenchOpenidProvider {
  readonly issuer: string;
  prepare(api: string, person: number): Promise<ReadyRequest>;
  /** Exchanges a code for tokens: the round trip alone. */
  trade(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOpenidProvider(): Promise<BenchOpenidProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const tokens = new Map<string, string>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const answer = answerTo(url.pathname, body, tokens, issuer, publicKey);
      response.writeHead(answer === null ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? { error: 'invalid_grant' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    async prepare(api, person) {
      const { to, headers } = await beginLogin(`${api}/oidc/fabrikam/login`);
      const code = randomUUID();
      const now = Math.floor(Date.now() / 1000);
      const identity = { ...claimsOf(person), groups: ['staff', 'everyone'] };
      const about = { iss: issuer, sub: `subject-${person}`, aud: 'tenure', iat: now, exp: now + 600, nonce: to.searchParams.get('nonce') };
      tokens.set(code, signed({ ...identity, ...about }, privateKey));
      const query = new URLSearchParams({ code, state: to.searchParams.get('state') ?? '', iss: issuer });
      return { url: `${api}/oidc/fabrikam/callback?${query}`, method: 'GET', headers, body: null };
    },
    async trade() {
      const code = randomUUID();
      tokens.set(code, 'x'.repeat(1200));
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      await send({ url: `${issuer}/token`, method: 'POST', headers, body: `grant_type=authorization_code&code=${code}` });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(path: string, body: string, tokens: Map<string, string>, issuer: string, publicKey: KeyObject): object | null {
  switch (path) {
    case '/.well-known/openid-configuration':
      return {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      };
    case '/keys':
      return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'RS256' }] };
    default: {
      const code = new URLSearchParams(body).get('code') ?? '';
      const token = tokens.get(code);
      tokens.delete(code);
      return token === undefined ? null : { access_token: 'bench', token_type: 'Bearer', expires_in: 600, id_token: token };
    }
  }
}

function signed(claims: object, key: KeyObject): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'bench', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
