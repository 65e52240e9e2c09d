import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBrowser } from './browser.ts';
import { readBody, type RunningServer, startServer } from './identity-providers/start-server.ts';

let here: RunningServer;
let there: RunningServer;
beforeAll(async () => {
  there = await startServer((request, response) => void answer(request, response), 0);
  here = await startServer((request, response) => void answer(request, response), 0);
});
afterAll(() => Promise.all([here.stop(), there.stop()]));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
  if (pathname === '/set') response.setHeader('set-cookie', searchParams.getAll('cookie')).end('set');
  else if (pathname === '/go') response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '' }).end();
  else if (pathname === '/post')
    response.end(
      `<body onload="document.forms[0].submit()"><form method="post" action="${searchParams.get('to')}"><input type="hidden" name="a" value="&quot;&amp;b"></form>`,
    );
  else if (pathname === '/links') response.end('<a href="/shown?x=1&amp;y=2">Ada &amp; Co</a>');
  else response.end(JSON.stringify({ method: request.method, cookie: request.headers.cookie ?? '', body: await readBody(request) }));
}
const show = (body: string) => JSON.parse(body) as { readonly method: string; readonly cookie: string; readonly body: string };
const to = (path: string, parameters: readonly (readonly [string, string])[]) =>
  `${path}?${new URLSearchParams(parameters.map(([name, value]) => [name, value]))}`;

describe("the demo's browser", () => {
  test('submits forms that post themselves, with their fields', async () => {
    const page = await createBrowser().open(to(`${here.url}/post`, [['to', `${there.url}/shown`]]));
    expect([page.url, show(page.body)]).toEqual([`${there.url}/shown`, { method: 'POST', cookie: '', body: 'a=%22%26b' }]);
  });

  test('follows links by their text and redirects wherever they lead', async () => {
    const browser = createBrowser();
    expect((await browser.follow(await browser.open(`${here.url}/links`), 'Ada & Co')).url).toBe(`${here.url}/shown?x=1&y=2`);
    expect(
      (
        await browser.open(
          to(`${here.url}/go`, [
            ['status', '303'],
            ['to', `${there.url}/shown`],
          ]),
        )
      ).url,
    ).toBe(`${there.url}/shown`);
    await expect(
      browser.open(
        to(`${here.url}/go`, [
          ['status', '302'],
          ['to', `/go?status=302&to=${encodeURIComponent('/links')}`],
        ]),
      ),
    ).resolves.toMatchObject({ status: 200 });
  });

  test('keeps cookies to their origin and path, and forgets them when told', async () => {
    const browser = createBrowser();
    await browser.open(
      to(`${here.url}/set`, [
        ['cookie', 'a=1; Path=/; HttpOnly'],
        ['cookie', 'b=2; Path=/deep'],
      ]),
    );
    expect(show((await browser.open(`${here.url}/shown`)).body).cookie).toBe('a=1');
    expect(show((await browser.open(`${here.url}/deep/er`)).body).cookie).toBe('a=1; b=2');
    expect(show((await browser.open(`${there.url}/shown`)).body).cookie).toBe('');
    await browser.open(to(`${here.url}/set`, [['cookie', 'a=; Path=/; Max-Age=0']]));
    expect(browser.cookie(`${here.url}/shown`, 'a')).toBeNull();
  });

  test('a form from another site carries only cookies that may cross sites; a redirect carries lax ones too', async () => {
    const browser = createBrowser();
    await browser.open(
      to(`${there.url}/set`, [
        ['cookie', 'l=1; SameSite=Lax'],
        ['cookie', 'n=2; SameSite=None; Secure'],
        ['cookie', 's=3; SameSite=Strict'],
        ['cookie', 'dropped=4; SameSite=None'],
      ]),
    );
    expect(show((await browser.open(to(`${here.url}/post`, [['to', `${there.url}/shown`]]))).body).cookie).toBe('n=2');
    expect(
      show(
        (
          await browser.open(
            to(`${here.url}/go`, [
              ['status', '303'],
              ['to', `${there.url}/shown`],
            ]),
          )
        ).body,
      ).cookie,
    ).toBe('l=1; n=2');
    expect(show((await browser.open(`${there.url}/shown`)).body).cookie).toBe('l=1; n=2; s=3');
  });
});
