import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { guardedFetch } from './guarded-fetch.ts';

describe('outgoing calls of the OpenID provider', () => {
  let server: Server;
  let address = '';
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/large') response.end('x'.repeat(200_000));
      else if (request.url === '/elsewhere') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else response.end('{"keys":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  test('reach an application on this machine, which the guard of the library refuses', async () =>
    expect(await (await guardedFetch(`${address}/jwks`, { headers: new Headers({ accept: 'application/json' }) })).json()).toEqual({ keys: [] }));
  test('follow no redirect', async () => expect((await guardedFetch(`${address}/elsewhere`)).status).toBe(302));
  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://wiki.example/jwks',
    'https://metadata.google.internal/',
    'https://user:password@wiki.example/jwks',
  ])('never go to %s', async (url) => expect(guardedFetch(url)).rejects.toThrow(/accepted|nobody/));
  test('read no more than an application’s keys need', async () => expect(guardedFetch(`${address}/large`)).rejects.toThrow(/larger/));
});
