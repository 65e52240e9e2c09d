import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call that a receiver got. */
export interface ReceivedLogout {
  readonly contentType: string;
  readonly body: string;
  readonly status: number;
}

/** Answer of a receiver. */
export interface LogoutAnswerOf {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An application's address for logout without a browser, which records what it gets. */
export interface LogoutReceiver {
  readonly url: string;
  readonly calls: ReceivedLogout[];
  /** Answer to the next calls; `null`: none, the connection stays open. */
  answer: (body: string, call: number) => LogoutAnswerOf | null | Promise<LogoutAnswerOf>;
  close(): Promise<void>;
}

export async function startLogoutReceiver(port = 0): Promise<LogoutReceiver> {
  const calls: ReceivedLogout[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (data: Buffer) => chunks.push(data));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const call = count;
      count += 1;
      void Promise.resolve(receiver.answer(body, call)).then((answer) => {
        calls.push({ contentType: request.headers['content-type'] ?? '', body, status: answer?.status ?? 0 });
        if (answer !== null) response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  });
  const receiver: LogoutReceiver = {
    url: '',
    calls,
    answer: () => ({ status: 200 }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.assign(receiver, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout` });
}
