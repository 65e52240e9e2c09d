import { isLoopbackHost } from '@tenure/connectors/outbound-address';
import { createTransport } from 'nodemailer';
import type { WrittenMail } from './mail-view.ts';
import type { Delivered, MailServer } from './settings.ts';

/** A mail to one person. */
export interface Mail extends WrittenMail {
  /** The same for each attempt, so that a mail that arrived twice is known as one (RFC 5322 section 3.6.4). */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
}

/** Hands mails to one server. */
export interface MailSender {
  send(mail: Mail): Promise<Delivered>;
  close(): void;
}

/** Milliseconds for each step of a conversation; a server that says nothing holds nobody longer. */
const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 } as const;

/** Connections are kept and shared. TLS is demanded everywhere but on this machine, and its certificate is checked. */
export function createMailSender({ url, password, from, replyTo }: MailServer): MailSender {
  const server = new URL(url);
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const secure = server.protocol === 'smtps:';
  const user = decodeURIComponent(server.username);
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    host,
    port: server.port === '' ? (secure ? 465 : 587) : Number(server.port),
    secure,
    requireTLS: !secure && !isLoopbackHost(server.hostname),
    ...(password === null ? {} : { auth: { user, pass: password } }),
    // What a message names is text, never something to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...patience,
  });
  return {
    async send({ messageId, to, subject, text, html }) {
      try {
        await transport.sendMail({
          from,
          ...(replyTo === null ? {} : { replyTo }),
          to,
          messageId,
          subject,
          text,
          html,
          // Nobody's holiday answers (RFC 3834 section 5).
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return { outcome: 'sent' };
      } catch (error) {
        return judged(error);
      }
    },
    close: () => transport.close(),
  };
}

/** What a server answers names people; so its number is kept, and no word of it. */
function judged(error: unknown): Delivered {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const answer = typeof responseCode === 'number' ? responseCode : null;
  const word = typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? code : 'UNKNOWN';
  // 5xx to a recipient or a message stands; to a login or a command it is the server's set-up, which somebody may mend.
  const isFinal = answer !== null && answer >= 500 && (word === 'EENVELOPE' || word === 'EMESSAGE');
  return { outcome: isFinal ? 'refused' : 'unavailable', code: answer === null ? word : `${word}_${answer}` };
}
