import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { watchAnswer } from './bounded-socket.ts';

test('a socket that reads more than the limit is cut off, one that reads less is not', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).write(Buffer.alloc(1000));
    socket.on('data', () => {
      const write = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', write);
      write();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  await once(client, 'data');
  client.resume();
  const wasTooLarge = watchAnswer(client, 1_000_000);
  client.write('more');
  await once(client, 'close');
  expect(wasTooLarge()).toBe(true);
  server.close();
});
