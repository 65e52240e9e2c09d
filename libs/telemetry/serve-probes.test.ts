import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isReady, readinessOf } from './readiness.ts';
import { type ProbeServer, serveProbes } from './serve-probes.ts';

const errors: string[] = [];
let probes: ProbeServer;
beforeAll(async () => {
  probes = await serveProbes({
    host: '127.0.0.1',
    port: 0,
    routes: {
      '/fine': async () => ({ status: 200, type: 'text/plain', body: 'fine\n' }),
      '/broken': () => Promise.reject(new Error('password is hunter2')),
    },
    onError: (error) => errors.push(String(error)),
  });
});
afterAll(() => probes.close());

describe('probes', () => {
  it('answer GET on their paths, whatever the query, and nothing else', async () => {
    const fine = await fetch(`${probes.url}/fine?x=1`);
    expect([fine.status, await fine.text()]).toEqual([200, 'fine\n']);
    expect((await fetch(`${probes.url}/fine`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${probes.url}/constructor`)).status).toBe(404);
  });

  it('tell an error to the log and not to the caller', async () => {
    const broken = await fetch(`${probes.url}/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, 'see the log\n']);
    expect(errors).toEqual(['Error: password is hunter2']);
  });

  it('say when their port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(serveProbes({ host: '127.0.0.1', port, routes: {}, onError: () => undefined })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    taken.close();
  });
});

describe('readiness', () => {
  it('says what is wrong by name, and quotes no error', async () => {
    const told: string[] = [];
    const readiness = await readinessOf(
      { database: async () => 'ok', queue: async () => 'nobody polls it', temporal: () => Promise.reject(new Error('secret')) },
      (name) => told.push(name),
    );
    expect(readiness).toEqual({ database: 'ok', queue: 'nobody polls it', temporal: 'does not answer' });
    expect([isReady(readiness), isReady({ database: 'ok' }), told]).toEqual([false, true, ['temporal']]);
  });
});
