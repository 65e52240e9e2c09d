import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { demoPort } from './demo-port.ts';

test('the demo listens at PORT, and at no other port when that is in use', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const PORT = String(typeof address === 'object' && address !== null ? address.port : 0);
  await expect(demoPort({ PORT })).rejects.toThrow(`Port ${PORT} on 127.0.0.1, which is set for Tenure, is in use by another program`);
  taken.close();
  await once(taken, 'close');
  expect(await demoPort({ PORT })).toBe(Number(PORT));
});

test('without PORT it takes a port that is free, and what is no port is refused', async () => {
  expect(await demoPort({})).toBeGreaterThan(0);
  expect(() => demoPort({ PORT: 'x' })).toThrow('PORT is "x", but has to be a number from 1 to 65535.');
});
