import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openLink } from '../../libs/connectors/flaky-link.ts';
import { startTestMailServer } from '@tenure/mail/testing';

/** Receivers of notifications: a mail server behind a link that can hang, and a webhook. */
export interface Receivers {
  /** Variables to which tenure.yaml refers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ids of deliveries by receiver, in the order in which they came; one that came again is there again. */
  readonly told: { mail(): readonly string[]; webhook(): readonly string[] };
  /** Makes the mail server accept each connection and answer nothing from now on. */
  hang(): void;
  answer(): void;
  stop(): Promise<void>;
}

export async function startReceivers(): Promise<Receivers> {
  const calls: string[] = [];
  const hook = createServer((request, response) => {
    request.resume().on('end', () => {
      calls.push(String(request.headers['webhook-id']));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const server = await startTestMailServer();
  const { hostname, port } = new URL(server.url);
  const link = await openLink({ host: hostname, port: Number(port) });
  return {
    environment: {
      FAULTS_MAIL_URL: `smtp://127.0.0.1:${link.port}`,
      FAULTS_HOOK_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
      FAULTS_HOOK_SECRET: Buffer.alloc(32, 7).toString('base64'),
    },
    told: { mail: () => server.mails.map(({ messageId }) => /^<(.*)@/.exec(messageId ?? '')?.[1] ?? ''), webhook: () => calls },
    hang: () => link.set('silent'),
    answer() {
      link.set('open');
      // Requests accepted in silence would never be answered.
      link.drop();
    },
    async stop() {
      await link.down();
      await server.close();
      hook.closeAllConnections();
      await new Promise<void>((resolve) => hook.close(() => resolve()));
    },
  };
}
