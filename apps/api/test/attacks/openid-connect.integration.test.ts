import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { createTestApi, type TestApi } from '../api.ts';
import { type HostileOp, type Script, startHostileOp } from './hostile-op.ts';
import { begin, createVisitor, expectAccepted, expectRefused, logIn } from './login-attempt.ts';

/** The route as a browser sees it, against two providers that sign any message. */
let api: TestApi;
let contoso: HostileOp;
let evil: HostileOp;
const clientSecret = 'a-shared-secret-of-32-characters!';
const stranger = await generateKeyPair('RS256', { extractable: true });

const provider = (name: string, issuer: string) => `
  ${name}:
    title: ${name}
    protocol: oidc
    issuer: ${issuer}
    clientId: tenure
    clientSecret: \${env:CLIENT_SECRET}
    mayCreate: true
    userType: contractor
    attributes: { displayName: claims.name }
    userInfo: always
`;

beforeAll(async () => {
  [contoso, evil] = await Promise.all([startHostileOp(), startHostileOp({ namesItself: false })]);
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 10_000 },
    environment: { CLIENT_SECRET: clientSecret },
    tenureYaml: `
url: http://localhost:4000
timeZone: UTC
attributes: { displayName: { type: string }, department: { type: string }, endDate: { type: instant } }
precedence: { default: [contoso, evil] }
identityProviders: ${provider('contoso', contoso.issuer)} ${provider('evil', evil.issuer)}
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([contoso?.stop(), evil?.stop()]);
});
beforeEach(() => {
  api.now = new Date().toISOString();
  contoso.behave();
  evil.behave();
  contoso.person = { sub: 'c-vera', name: 'Vera' };
  evil.person = { sub: 'e-mallory', name: 'Mallory' };
});
afterEach(() => {
  jest.restoreAllMocks();
});

const people = async (): Promise<number> => Number((await api.database.execute('select count(*) as n from identity'))[0]?.['n']);

/** A login at a provider that plays a script is refused and leaves nobody behind; without the script it is accepted. */
function refuses(title: string, script: Script | (() => Script | Promise<Script>), reason: string | RegExp): void {
  test(`refuses ${title}, and takes a good login right after`, async () => {
    expectAccepted(await logIn(api, contoso, 'contoso'));
    const before = await people();
    contoso.person = { sub: 'c-victim', name: 'Victim' };
    contoso.play(typeof script === 'function' ? await script() : script);
    await expectRefused(api, await logIn(api, contoso, 'contoso'), reason);
    expect(await people()).toBe(before);
    contoso.behave();
    contoso.person = { sub: 'c-vera', name: 'Vera' };
    expectAccepted(await logIn(api, contoso, 'contoso'));
  });
}

const unsigned = (claims: JWTPayload, header: object) =>
  `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
const hmac = (text: string, key: string | Buffer) => `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;

describe('RFC 9700 section 4.4, RFC 9207: mix-up of issuers', () => {
  test('a code that another provider gave goes to nobody: neither to the wrong token endpoint nor into a session', async () => {
    // The browser begins at evil, which sends it on to contoso with its own state, so that contoso's code comes back for evil.
    const victim = createVisitor(api);
    const asked = new URL(await begin(victim, 'evil'));
    const forwarded = new URL(`${contoso.issuer}/authorize`);
    forwarded.search = asked.search;
    const back = await contoso.visit(forwarded.href);
    const spent = evil.seen.filter(({ path }) => path === '/token').length;
    await expectRefused(api, await victim.get(`/oidc/evil/callback${back.search}`), 'issuer-mismatch');
    expect(evil.seen.filter(({ path }) => path === '/token')).toHaveLength(spent);
    // A valid login of both, beside it.
    expectAccepted(await logIn(api, evil, 'evil'));
    expectAccepted(await logIn(api, contoso, 'contoso'));
  });

  test("a login that was begun with one provider does not end at the other one's callback", async () => {
    const victim = createVisitor(api);
    const back = await evil.visit(await begin(victim, 'evil'));
    const spent = contoso.seen.filter(({ path }) => path === '/token').length;
    await expectRefused(api, await victim.get(`/oidc/contoso/callback${back.search}`), 'request-unknown');
    expect(contoso.seen.filter(({ path }) => path === '/token')).toHaveLength(spent);
    expectAccepted(await victim.get(`/oidc/evil/callback${back.search}`));
  });

  refuses('an answer that does not name its issuer, from a provider that always does', { answer: (good) => without(good, 'iss') }, 'issuer-mismatch');
  refuses('an answer that names two issuers', { answer: (good) => new URLSearchParams([...good, ['iss', 'https://evil.example']]) }, 'issuer-mismatch');
  refuses("a token with another provider's name", () => ({ claims: (good) => ({ ...good, iss: evil.issuer }) }), 'issuer-mismatch');
});

function without(parameters: URLSearchParams, name: string): URLSearchParams {
  parameters.delete(name);
  return parameters;
}

describe('RFC 9700 section 4.5: authorization code injection', () => {
  test("a stolen code is worth nothing in the thief's own login: PKCE", async () => {
    const victim = createVisitor(api);
    const stolen = (await contoso.visit(await begin(victim, 'contoso'))).searchParams.get('code') ?? '';
    const thief = createVisitor(api);
    const own = await contoso.visit(await begin(thief, 'contoso'));
    own.searchParams.set('code', stolen);
    await expectRefused(api, await thief.get(`${own.pathname}${own.search}`), 'code-refused');
  });

  test('nor where the provider does not check PKCE: the nonce', async () => {
    contoso.play({ ignoresPkce: true });
    const victim = createVisitor(api);
    const stolen = (await contoso.visit(await begin(victim, 'contoso'))).searchParams.get('code') ?? '';
    const thief = createVisitor(api);
    const own = await contoso.visit(await begin(thief, 'contoso'));
    own.searchParams.set('code', stolen);
    await expectRefused(api, await thief.get(`${own.pathname}${own.search}`), 'nonce-mismatch');
  });

  test('one login tries one code: after a refusal its state is used up', async () => {
    const thief = createVisitor(api);
    const back = await contoso.visit(await begin(thief, 'contoso'));
    const good = back.searchParams.get('code') ?? '';
    back.searchParams.set('code', 'guessed');
    await expectRefused(api, await thief.get(`${back.pathname}${back.search}`), 'code-refused');
    back.searchParams.set('code', good);
    const asked = contoso.seen.length;
    await expectRefused(api, await thief.get(`${back.pathname}${back.search}`), 'request-unknown');
    expect(contoso.seen).toHaveLength(asked);
  });
});

describe('RFC 7636: PKCE', () => {
  test('is used with S256 though the provider does not say that it knows it, and the verifier travels to the token endpoint alone', async () => {
    contoso.play({ discovery: ({ code_challenge_methods_supported: _, ...good }) => good });
    const visitor = createVisitor(api);
    const asked = new URL(await begin(visitor, 'contoso'));
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
    expect(asked.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    const back = await contoso.visit(asked.href);
    expectAccepted(await visitor.get(`${back.pathname}${back.search}`));
    const verifier = contoso.seen.findLast(({ path }) => path === '/token')?.form.get('code_verifier') ?? '';
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect([...visitor.cookies.values()].join()).not.toContain(verifier);
  });
});

describe('OpenID Connect core 3.1.2.7: state, and the browser that it belongs to', () => {
  test('an answer is taken once, also when it comes several times at the same moment', async () => {
    const visitor = createVisitor(api);
    const back = await contoso.visit(await begin(visitor, 'contoso'));
    const again = createVisitor(api);
    for (const [name, value] of visitor.cookies) again.cookies.set(name, value);
    const answers = await Promise.all([visitor, again].map((one) => one.get(`${back.pathname}${back.search}`)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    await expectRefused(api, answers.find(({ status }) => status !== 303) as never, /request-unknown|code-refused/);
    for (const [name, value] of [...again.cookies]) visitor.cookies.set(name, value);
    await expectRefused(api, await visitor.get(`${back.pathname}${back.search}`), /request-unknown|request-of-another-browser/);
  });

  test("an attacker's answer does not log the victim's browser in as the attacker", async () => {
    const attacker = createVisitor(api);
    const back = await evil.visit(await begin(attacker, 'evil'));
    const victim = createVisitor(api);
    await begin(victim, 'evil');
    await expectRefused(api, await victim.get(`${back.pathname}${back.search}`), 'request-of-another-browser');
    expectAccepted(await attacker.get(`${back.pathname}${back.search}`));
  });

  test('a state that somebody has read elsewhere does not help without the secret of the cookie, and the code is not touched', async () => {
    const victim = createVisitor(api);
    const back = await contoso.visit(await begin(victim, 'contoso'));
    const attacker = createVisitor(api);
    attacker.cookies.set('__Host-tenure_login', `${back.searchParams.get('state')}.${'A'.repeat(32)}`);
    const spent = contoso.seen.length;
    await expectRefused(api, await attacker.get(`${back.pathname}${back.search}`), 'request-of-another-browser');
    expect(contoso.seen).toHaveLength(spent);
    expectAccepted(await victim.get(`${back.pathname}${back.search}`));
  });

  test('an answer that comes after ten minutes is late', async () => {
    const visitor = createVisitor(api);
    const back = await contoso.visit(await begin(visitor, 'contoso'));
    const spent = contoso.seen.length;
    api.now = new Date(Date.now() + 10 * 60_000 + 1000).toISOString();
    await expectRefused(api, await visitor.get(`${back.pathname}${back.search}`), 'request-unknown');
    expect(contoso.seen).toHaveLength(spent);
  });

  for (const [title, change] of [
    ['no state', (back: URL) => back.searchParams.delete('state')],
    ['two states', (back: URL) => back.searchParams.append('state', 'other')],
    ['a state of nobody', (back: URL) => back.searchParams.set('state', 'x'.repeat(43))],
  ] as const)
    test(`${title}`, async () => {
      const visitor = createVisitor(api);
      const back = await contoso.visit(await begin(visitor, 'contoso'));
      change(back);
      await expectRefused(api, await visitor.get(`${back.pathname}${back.search}`), 'request-of-another-browser');
    });
});

describe('OpenID Connect core 3.1.3.7, 15.5.2: nonce', () => {
  refuses(
    'a token of an earlier login, played again',
    async () => {
      let earlier = '';
      contoso.person = { sub: 'c-vera' };
      contoso.play({
        claims: (good) => {
          earlier = String(good['nonce']);
          return good;
        },
      });
      await logIn(api, contoso, 'contoso');
      return { claims: (good) => ({ ...good, nonce: earlier }) };
    },
    'nonce-mismatch',
  );
  refuses('a token without one', { claims: ({ nonce: _nonce, ...good }) => good }, 'token-invalid');
  refuses('a nonce that is a list', { claims: (good) => ({ ...good, nonce: [good['nonce']] }) as JWTPayload }, /nonce-mismatch|token-invalid/);
});

describe('RFC 8725 section 3.1, 3.2: algorithms', () => {
  refuses('alg none', { sign: async (claims) => `${unsigned(claims, { alg: 'none' })}.` }, 'token-invalid');
  refuses('alg None, and a signature of nothing', { sign: async (claims) => `${unsigned(claims, { alg: 'None', kid: 'k-1' })}.AA` }, 'token-invalid');
  refuses('no algorithm', { sign: async (claims) => `${unsigned(claims, { kid: 'k-1' })}.AA` }, 'token-invalid');
  refuses('HMAC under the client secret', { sign: async (claims) => hmac(unsigned(claims, { alg: 'HS256' }), clientSecret) }, 'token-invalid');
  refuses(
    'HMAC under the published RSA key',
    async () => {
      const pem = await exportSPKI((await importJWK(contoso.publicJwk, 'RS256', { extractable: true })) as CryptoKey);
      return { sign: async (claims) => hmac(unsigned(claims, { alg: 'HS256', kid: 'k-1' }), pem) };
    },
    'token-invalid',
  );
  refuses(
    'HMAC though the provider lists it, with a key of that kind beside the others',
    {
      discovery: (good) => ({ ...good, id_token_signing_alg_values_supported: ['HS256', 'none', 'RS256'] }),
      keys: (good) => [{ kty: 'oct', k: Buffer.from('known-to-all').toString('base64url'), kid: 'h', alg: 'HS256', use: 'sig' }, good],
      sign: async (claims) => hmac(unsigned(claims, { alg: 'HS256', kid: 'h' }), 'known-to-all'),
    },
    'token-invalid',
  );
  refuses(
    'critical extensions that nobody here knows',
    () => ({
      sign: (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'RS256', kid: 'k-1', crit: ['exp2'], exp2: 1 } as never)
          .sign(contoso.privateKey, { crit: { exp2: true } }),
    }),
    'token-invalid',
  );
});

describe('RFC 8725 section 3.10: keys come from the provider that the configuration names, and from nowhere else', () => {
  refuses('a key of a stranger', { sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(stranger.privateKey) }, 'token-invalid');
  refuses(
    "a stranger's key under the provider's key id",
    { sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k-1' }).sign(stranger.privateKey) },
    'token-invalid',
  );
  refuses(
    'a token that brings its own key',
    async () => {
      const jwk = await exportJWK(stranger.publicKey);
      return { sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', jwk }).sign(stranger.privateKey) };
    },
    'token-invalid',
  );

  test('a token that says where its key is: nobody goes there', async () => {
    contoso.play({
      sign: (claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'evil', jku: `${evil.issuer}/jwks`, x5u: `${evil.issuer}/cert` }).sign(stranger.privateKey),
    });
    const before = evil.seen.length;
    await expectRefused(api, await logIn(api, contoso, 'contoso'), 'token-invalid');
    expect(evil.seen).toHaveLength(before);
  });
});

describe('OpenID Connect core 10.1.1: rotation of signing keys', () => {
  test("an attacker's new key id makes us look at most once a minute, and brings no key in", async () => {
    expectAccepted(await logIn(api, contoso, 'contoso'));
    contoso.play({ sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: `evil-${Math.random()}` }).sign(stranger.privateKey) });
    const looks = () => contoso.seen.filter(({ path }) => path === '/jwks').length;
    const before = looks();
    for (let time = 0; time < 5; time += 1) await expectRefused(api, await logIn(api, contoso, 'contoso'), 'token-invalid');
    expect(looks()).toBeLessThanOrEqual(before + 1);
    contoso.behave();
    expectAccepted(await logIn(api, contoso, 'contoso'));
  });

  test("the provider's own new key is found, and the one that it withdrew is worth nothing after five minutes", async () => {
    expectAccepted(await logIn(api, contoso, 'contoso'));
    const withdrawn = contoso.privateKey;
    await contoso.rotate();
    later(61);
    expectAccepted(await logIn(api, contoso, 'contoso'));
    contoso.play({ sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k-1' }).sign(withdrawn) });
    later(61 + 301);
    await expectRefused(api, await logIn(api, contoso, 'contoso'), 'token-invalid');
    contoso.behave();
    expectAccepted(await logIn(api, contoso, 'contoso'));
  });

  /** Everybody's clock, the libraries' too. @param seconds from the real now */
  function later(seconds: number): void {
    jest.restoreAllMocks();
    const real = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => real() + seconds * 1000);
    api.now = new Date(Date.now()).toISOString();
  }
});

describe('OpenID Connect core 3.1.3.7: claims of the ID token', () => {
  refuses('another audience', { claims: (good) => ({ ...good, aud: 'someone-else' }) }, 'audience-mismatch');
  refuses('several audiences without azp', { claims: (good) => ({ ...good, aud: ['tenure', 'someone-else'] }) }, /audience-mismatch|token-invalid/);
  refuses("several audiences, azp somebody else's", { claims: (good) => ({ ...good, aud: ['tenure', 'x'], azp: 'x' }) }, 'audience-mismatch');
  refuses("one audience, azp somebody else's", { claims: (good) => ({ ...good, azp: 'x' }) }, 'audience-mismatch');
  refuses('no audience', { claims: ({ aud: _aud, ...good }) => good }, /audience-mismatch|token-invalid/);
  refuses('no expiry', { claims: ({ exp: _exp, ...good }) => good }, /token-invalid|token-expired/);
  refuses('no time of issue', { claims: ({ iat: _iat, ...good }) => good }, /token-invalid|token-expired/);
  refuses('an expiry that is past', { claims: (good) => ({ ...good, iat: Number(good.iat) - 900, exp: Number(good.iat) - 600 }) }, 'token-expired');
  refuses('a token from the future', { claims: (good) => ({ ...good, iat: Number(good.iat) + 600, exp: Number(good.iat) + 900 }) }, 'token-expired');
  refuses('a token that is not valid yet', { claims: (good) => ({ ...good, nbf: Number(good.iat) + 600 }) }, 'token-expired');
  refuses('an empty subject', { claims: (good) => ({ ...good, sub: '' }) }, 'token-invalid');
  refuses('a subject that is no text', { claims: (good) => ({ ...good, sub: 1 }) as never }, 'token-invalid');
  refuses(
    'a subject of more than 255 characters',
    { claims: (good) => ({ ...good, sub: 's'.repeat(256) }), userinfo: () => ({ sub: 's'.repeat(256) }) },
    'token-invalid',
  );
  refuses('no token at all', { sign: async () => undefined as never }, 'token-invalid');
});

describe('OpenID Connect core 5.3.2: userinfo', () => {
  refuses('userinfo of somebody else', { userinfo: () => ({ sub: 'c-admin', name: 'Admin' }) }, 'subject-mismatch');
  refuses('userinfo without a subject', { userinfo: () => ({ name: 'Admin' }) }, /subject-mismatch|token-invalid|provider-unreachable/);
});

describe('an answer that is too large, or never ends', () => {
  const answer = (path: string, body: () => string | null): Script => ({
    instead: (asked, _request, response) => {
      if (asked !== path) return false;
      const text = body();
      response.writeHead(200, { 'content-type': 'application/json' });
      if (text === null) response.write('{"access_token":"');
      else response.end(text);
      return true;
    },
  });
  refuses(
    '2 MB from the token endpoint',
    answer('/token', () => JSON.stringify({ x: 'y'.repeat(2_000_000) })),
    'provider-unreachable',
  );
  refuses(
    'a token endpoint that never finishes its sentence',
    answer('/token', () => null),
    'provider-unreachable',
  );
  refuses('claims beyond 64 KiB', { userinfo: (sub) => ({ sub, note: 'x'.repeat(70_000) }) }, 'too-large');
});
