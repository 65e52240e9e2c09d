import { parseArgs } from 'node:util';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { readBody, startServer, stopOnSignal } from '../identity-providers/start-server.ts';
import { secretFrom } from '../targets/run-as-process.ts';
import { answerCommon, ApplicationState, enter, sendHtml } from './application-state.ts';

// An application that knows nobody: people come by OpenID Connect (openid-client), and it creates their accounts from the ID token. It receives logout
// tokens (OpenID Connect Back-Channel Logout 1.0).

const { values } = parseArgs({ options: { port: { type: 'string' }, issuer: { type: 'string' }, 'client-id': { type: 'string' }, title: { type: 'string' } } });
const { port = '0', issuer = '', 'client-id': clientId = 'wiki', title = 'Wiki' } = values;
const state = new ApplicationState(title.toLowerCase());
const begun = new Map<string, { readonly nonce: string; readonly verifier: string }>();
let discovered: Promise<client.Configuration> | null = null;

/** Looks for the provider when somebody logs in first: it may start after the application. */
function provider(): Promise<client.Configuration> {
  discovered ??= client
    .discovery(new URL(issuer), clientId, secretFrom('APPLICATION_SECRET'), undefined, { execute: [client.allowInsecureRequests] })
    .catch((error: unknown) => {
      discovered = null;
      throw error;
    });
  return discovered;
}

const server = await startServer((request, response) => {
  const run = async (): Promise<void> => {
    const url = new URL(request.url ?? '/', server.url);
    if (answerCommon(title, state, request, response)) return;
    const configuration = await provider();
    if (request.method === 'GET' && url.pathname === '/login') {
      const [verifier, nonce, id] = [client.randomPKCECodeVerifier(), client.randomNonce(), client.randomState()];
      begun.set(id, { nonce, verifier });
      const to = client.buildAuthorizationUrl(configuration, {
        redirect_uri: `${server.url}/callback`,
        scope: 'openid profile email groups',
        state: id,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      response.writeHead(303, { location: to.href }).end();
      return;
    }
    if (request.method === 'GET' && url.pathname === '/callback') {
      const id = url.searchParams.get('state') ?? '';
      const one = begun.get(id);
      begun.delete(id);
      if (one === undefined) return sendHtml(response, 400, '<p>This login was not begun here.</p>');
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        expectedState: id,
        expectedNonce: one.nonce,
        pkceCodeVerifier: one.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('there is no ID token');
      const roles = Array.isArray(claims['groups']) ? claims['groups'].map(String) : [];
      // Its own sessions last eight hours; only the logout token ends one sooner.
      const notAfter = new Date(Date.now() + 8 * 3_600_000).toISOString();
      enter(response, state.logIn({ subject: claims.sub, name: String(claims['name'] ?? claims.sub), roles, index: String(claims['sid'] ?? ''), notAfter }));
      return;
    }
    if (request.method === 'POST' && url.pathname === '/backchannel-logout') {
      const token = new URLSearchParams(await readBody(request)).get('logout_token') ?? '';
      const { issuer: expected, jwks_uri: keys = '' } = configuration.serverMetadata();
      const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(keys)), { issuer: expected, audience: clientId, typ: 'logout+jwt' });
      const events = payload['events'] as Readonly<Record<string, unknown>> | undefined;
      if (events === undefined || !('http://schemas.openid.net/event/backchannel-logout' in events) || 'nonce' in payload) throw new Error('no logout token');
      state.end(payload.sub ?? null, typeof payload['sid'] === 'string' ? payload['sid'] : null);
      response.writeHead(200, { 'cache-control': 'no-store' }).end();
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
