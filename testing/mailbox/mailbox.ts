import { createServer, type ServerResponse } from 'node:http';
import { SMTPServer } from 'smtp-server';
import PostalMime from 'postal-mime';
import { listen, shut } from '../targets/listen.ts';
import { mailPage, mailboxPage } from './pages.ts';
import type { ReceivedMail } from './received-mail.ts';

/** A mail server, and a page that shows its mails. */
export interface RunningMailbox {
  /** Address of the page. */
  readonly url: string;
  readonly smtpUrl: string;
  stop(): Promise<void>;
}

/** Starts a mailbox that takes every mail, for anybody, and shows all of them to any visitor: for a demo, on this machine. */
export async function startMailbox(): Promise<RunningMailbox> {
  const mails: ReceivedMail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        PostalMime.parse(Buffer.concat(chunks)).then(
          ({ from, to, subject = '', text = '', html = '' }) => {
            const names = (to ?? []).map(({ name, address }) => `${name} <${address ?? ''}>`).join(', ');
            mails.push({ number: mails.length + 1, at: new Date().toISOString(), from: from?.address ?? '', to: names, subject, text, html });
            done();
          },
          (error: Error) => done(error),
        );
      });
    },
  });
  const pages = createServer((request, response) => answer(mails, request.url ?? '/', response));
  const { promise, resolve } = Promise.withResolvers<void>();
  smtp.listen(0, '127.0.0.1', resolve);
  const [port] = [await listen(pages, 0), await promise];
  const address = smtp.server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    smtpUrl: `smtp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    async stop() {
      await shut(pages);
      await new Promise<void>((closed) => smtp.close(() => closed()));
    },
  };
}

/** Content security policy for mails: no scripts, nothing loaded from elsewhere, in a frame of its own. */
const frame = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
const page = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function answer(mails: readonly ReceivedMail[], path: string, response: ServerResponse): void {
  const { status = 200, type = 'text/html', policy = page, body } = answerTo(mails, path);
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
  response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff' }).end(body);
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly policy?: string;
  readonly body: string;
}

function answerTo(mails: readonly ReceivedMail[], path: string): Answer {
  if (path === '/') return { body: mailboxPage(mails.toReversed()) };
  if (path === '/mails.json') return { type: 'application/json', body: JSON.stringify(mails) };
  const [, number, part] = /^\/(\d+)(\/html)?$/.exec(path) ?? [];
  const mail = mails[Number(number) - 1];
  if (mail === undefined) return { status: 404, type: 'text/plain', body: 'There is no such mail.' };
  // Links open beside the mailbox, not in its frame.
  return part === undefined ? { body: mailPage(mail) } : { policy: frame, body: `<base target="_blank">${mail.html}` };
}
