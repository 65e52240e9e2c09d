import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createWebhookSender } from './webhook-sender.ts';

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;
const event = { id: 'c0ffee', type: 'person-ended', timestamp: '2026-03-01T12:00:00.000Z', data: { identityId: 'p-1' } };
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Call {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function receiver(status: number, headers: Readonly<Record<string, string>> = {}): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status, headers).end('a long answer that nobody reads');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls };
}

function sender() {
  const webhooks = createWebhookSender();
  open.push(() => webhooks.close());
  return webhooks;
}

describe('webhooks (Standard Webhooks 1.0)', () => {
  it('are signed so that the library of whoever is told accepts them, and nothing changed', async () => {
    const { url, calls } = await receiver(204);
    const now = new Date();
    expect(await sender().send({ url, secret }, event, now)).toEqual({ outcome: 'sent' });
    const [call] = calls;
    const headers = Object.fromEntries(Object.entries(call?.headers ?? {}).map(([name, value]) => [name, String(value)]));
    expect(headers['webhook-id']).toBe(event.id);
    expect(new Webhook(secret).verify(call?.body ?? '', headers)).toEqual({ type: event.type, timestamp: event.timestamp, data: event.data });
    expect(() => new Webhook(secret).verify(call?.body.replace('p-1', 'p-2') ?? '', headers)).toThrow();
    expect(() => new Webhook(secret).verify(call?.body ?? '', { ...headers, 'webhook-id': 'other' })).toThrow();
  });

  it('follow no redirect', async () => {
    const inside = await receiver(200);
    const { url } = await receiver(307, { location: inside.url });
    expect(await sender().send({ url, secret }, event, new Date())).toEqual({ outcome: 'unavailable', code: 'HTTP_307' });
    expect(inside.calls).toEqual([]);
  });

  it.each([
    [500, 'unavailable'],
    [429, 'unavailable'],
    [404, 'unavailable'],
    [410, 'refused'],
  ] as const)('answered with %s count as %s', async (status, outcome) => {
    const { url } = await receiver(status);
    expect(await sender().send({ url, secret }, event, new Date())).toEqual({ outcome, code: `HTTP_${status}` });
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '169.254.169.254'])('go nowhere for a name that leads to %s when it is called', async (address) => {
    let connections = 0;
    const inside = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
    open.push(() => inside.close());
    const asked: string[] = [];
    const webhooks = createWebhookSender((name, _options, done) => {
      asked.push(name);
      done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    });
    open.push(() => webhooks.close());
    const url = `https://hooks.example:${(inside.address() as AddressInfo).port}/hook`;
    expect(await webhooks.send({ url, secret }, event, new Date())).toEqual({ outcome: 'unavailable', code: 'CONNECTION' });
    expect([connections, asked[0]]).toEqual([0, 'hooks.example']);
  });

  it.each(['http://hooks.example/x', 'http://169.254.169.254/latest', 'https://user:password@hooks.example/'])('go nowhere for %s', async (url) => {
    expect(await sender().send({ url, secret }, event, new Date())).toEqual({ outcome: 'refused', code: 'ADDRESS' });
  });

  it.each([
    [400, 'deferred'],
    [422, 'deferred'],
    [401, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('answered with %s are %s: about the event, or the receiver', async (status, outcome) => {
    const { url } = await receiver(status);
    expect(await sender().send({ url, secret }, event, new Date())).toEqual({ outcome, code: `HTTP_${status}` });
  });

  it.each([
    ['120', 120_000],
    ['Mon, 02 Mar 2026 09:01:00 GMT', 60_000],
    ['soon', null],
    ['-5', null],
  ])('say how long a receiver asks to be left alone: Retry-After %s', async (header, retryAfter) => {
    const { url } = await receiver(429, { 'retry-after': header });
    const expected = { outcome: 'unavailable', code: 'HTTP_429', ...(retryAfter === null ? {} : { retryAfter }) };
    expect(await sender().send({ url, secret }, event, new Date('2026-03-02T09:00:00.000Z'))).toEqual(expected);
  });

  it('are over when the headers are there, though the answer streams for ever, and are given up where these never end', async () => {
    const timers: NodeJS.Timeout[] = [];
    const streaming = createServer((_request, response) => {
      response.writeHead(200);
      timers.push(setInterval(() => response.write('more'), 20));
    });
    const trickling = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      timers.push(setInterval(() => socket.write('a'), 20));
    });
    open.push(() => {
      for (const timer of timers) clearInterval(timer);
    });
    const addressOf = async (server: Server): Promise<string> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push(() => server.close());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    };
    const webhooks = createWebhookSender(undefined, 2_000);
    open.push(() => webhooks.close());
    expect(await sender().send({ url: await addressOf(streaming), secret }, event, new Date())).toEqual({ outcome: 'sent' });
    expect(await webhooks.send({ url: await addressOf(trickling), secret }, event, new Date())).toEqual({ outcome: 'unavailable', code: 'TIMEOUT' });
  });

  it.each([
    ['is cut short', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart'],
    ['is no chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n'],
    ['is not compressed as it says', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\nnot gzip!'],
  ])('are sent when the status says so, though what follows %s', async (_, wire) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(wire));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await sender().send({ url, secret }, event, new Date())).toEqual({ outcome: 'sent' });
  });

  it('to two receivers at one host do not wait for each other', async () => {
    const held: (() => void)[] = [];
    const server = createServer((request, response) => {
      if (request.url === '/slow') held.push(() => response.writeHead(204).end());
      else response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const webhooks = sender();
    const slow = Array.from({ length: 20 }, () => webhooks.send({ url: `${base}/slow`, secret }, event, new Date()));
    expect(await webhooks.send({ url: `${base}/quick`, secret }, event, new Date())).toEqual({ outcome: 'sent' });
    const timer = setInterval(() => {
      for (const answer of held.splice(0)) answer();
    }, 10);
    open.push(() => clearInterval(timer));
    expect(await Promise.all(slow)).toEqual(slow.map(() => ({ outcome: 'sent' })));
  });
});
