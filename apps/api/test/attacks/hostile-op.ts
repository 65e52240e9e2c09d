import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, type RunningServer, startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** Behaviour of the provider that differs from a valid one. */
export interface Script {
  readonly discovery?: (good: Readonly<Record<string, unknown>>) => object;
  /** Parameters with which the browser is sent back. */
  readonly answer?: (good: URLSearchParams) => URLSearchParams;
  readonly claims?: (good: JWTPayload) => JWTPayload;
  readonly sign?: (claims: JWTPayload) => Promise<string>;
  readonly keys?: (good: JWK) => readonly JWK[];
  readonly userinfo?: (subject: string) => object;
  /** True if the token endpoint does not check the PKCE verifier; it does by default. */
  readonly ignoresPkce?: boolean;
  /** Takes an answer over altogether. */
  readonly instead?: (path: string, request: IncomingMessage, response: ServerResponse) => boolean;
}

/** An OpenID provider that states and signs anything. */
export interface HostileOp {
  readonly issuer: string;
  /** Paths that were asked for, in order, with the form that was sent. */
  readonly seen: readonly { readonly path: string; readonly form: URLSearchParams; readonly authorization: string | undefined }[];
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  /** Person who logs in next, with the claims about them. */
  person: { readonly sub: string } & JWTPayload;
  /** Its clock, in milliseconds. */
  clock: () => number;
  play(script: Script): void;
  /** Makes it a valid provider again. */
  behave(): void;
  /** Makes a new signing key, as a valid provider would change it. */
  rotate(): Promise<void>;
  /** The browser's visit. @returns the address to which it is sent back */
  visit(authorizationUrl: string): Promise<URL>;
  stop(): Promise<void>;
}

interface Code {
  readonly nonce: string | null;
  readonly challenge: string | null;
  readonly clientId: string | null;
  readonly redirectUri: string | null;
}

/** @param namesItself RFC 9207: true if it puts `iss` into its answers, and announces that */
export async function startHostileOp({ namesItself = true } = {}): Promise<HostileOp> {
  let script: Script = {};
  let { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  let kid = 'k-1';
  const codes = new Map<string, Code>();
  const seen: { path: string; form: URLSearchParams; authorization: string | undefined }[] = [];
  const jwk = async (): Promise<JWK> => ({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });

  const discovery = () => ({
    issuer: op.issuer,
    authorization_endpoint: `${op.issuer}/authorize`,
    token_endpoint: `${op.issuer}/token`,
    jwks_uri: `${op.issuer}/jwks`,
    userinfo_endpoint: `${op.issuer}/userinfo`,
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    ...(namesItself ? { authorization_response_iss_parameter_supported: true } : {}),
  });

  async function token(form: URLSearchParams): Promise<{ status: number; body: object }> {
    const given = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (given === undefined || given.redirectUri !== form.get('redirect_uri') || (!script.ignoresPkce && given.challenge !== challenge))
      return { status: 400, body: { error: 'invalid_grant' } };
    const seconds = Math.floor(op.clock() / 1000);
    const good = { iss: op.issuer, aud: 'tenure', nonce: given.nonce ?? '', iat: seconds, exp: seconds + 300, ...op.person };
    const sign = script.sign ?? ((claims: JWTPayload) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey));
    const idToken = await sign(script.claims?.(good) ?? good);
    return { status: 200, body: { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60, id_token: idToken } };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', op.issuer);
    const form = new URLSearchParams(request.method === 'POST' ? await readBody(request) : '');
    seen.push({ path: url.pathname, form, authorization: request.headers.authorization });
    if (script.instead?.(url.pathname, request, response)) return;
    const json = (body: object, status = 200) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(script.discovery?.(discovery()) ?? discovery());
      case '/authorize': {
        const code = randomUUID();
        const { searchParams: asked } = url;
        codes.set(code, {
          nonce: asked.get('nonce'),
          challenge: asked.get('code_challenge'),
          clientId: asked.get('client_id'),
          redirectUri: asked.get('redirect_uri'),
        });
        const good = new URLSearchParams({ code, state: asked.get('state') ?? '', ...(namesItself ? { iss: op.issuer } : {}) });
        const back = new URL(asked.get('redirect_uri') ?? '');
        back.search = String(script.answer?.(good) ?? good);
        return void response.writeHead(303, { location: back.href }).end();
      }
      case '/token': {
        const { status, body } = await token(form);
        return json(body, status);
      }
      case '/jwks':
        return json({ keys: script.keys?.(await jwk()) ?? [await jwk()] });
      case '/userinfo':
        return json(script.userinfo?.(op.person.sub) ?? { sub: op.person.sub });
      default:
        return json({}, 404);
    }
  }

  const server: RunningServer = await startServer((request, response) => void handle(request, response).catch(() => response.destroy()), 0);
  const op: HostileOp = {
    issuer: server.url,
    seen,
    get privateKey() {
      return privateKey;
    },
    publicJwk: null as never,
    person: { sub: 'nobody' },
    clock: () => Date.now(),
    play: (next) => void (script = next),
    behave: () => void (script = {}),
    async rotate() {
      ({ privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true }));
      kid = `k-${randomUUID()}`;
    },
    async visit(authorizationUrl) {
      const answer = await fetch(authorizationUrl, { redirect: 'manual' });
      return new URL(answer.headers.get('location') ?? 'http://nowhere.invalid/');
    },
    stop: () => server.stop(),
  };
  return Object.assign(op, { publicJwk: await jwk() });
}
