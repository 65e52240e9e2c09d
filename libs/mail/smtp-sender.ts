import { isLoopbackHost } from '@tenure/outbound';
import { createTransport } from 'nodemailer';
import type { WrittenMail } from './mail-view.ts';
import { type Delivered, MAIL_CONNECTIONS, type MailServer } from './settings.ts';

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

/** Milliseconds for each step of a conversation. */
const steps = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 } as const;
/** Milliseconds for a whole mail: who answers a byte at a time is never silent for long. */
const whole = 45_000;

/**
 * Connections are kept and shared. TLS is demanded everywhere but on this machine, and its certificate is checked.
 * @param patience milliseconds after which a mail that was not taken is given up for now
 */
export function createMailSender({ url, password, from, replyTo }: MailServer, patience = whole): MailSender {
  const server = new URL(url);
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const secure = server.protocol === 'smtps:';
  const user = decodeURIComponent(server.username);
  const transport = createTransport({
    pool: true,
    maxConnections: MAIL_CONNECTIONS,
    // A kept connection may have ended while it was idle. More attempts are the caller's, who waits between them.
    maxRequeues: 1,
    host,
    port: server.port === '' ? (secure ? 465 : 587) : Number(server.port),
    secure,
    requireTLS: !secure && !isLoopbackHost(server.hostname),
    ...(password === null ? {} : { auth: { user, pass: password } }),
    // What a message names is text, never something to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...steps,
  });
  return {
    async send({ messageId, to, subject, text, html }) {
      const signal = AbortSignal.timeout(patience);
      try {
        await transport.sendMail({
          from,
          ...(replyTo === null ? {} : { replyTo }),
          to,
          messageId,
          subject,
          text,
          html,
          signal,
          // Nobody's holiday answers (RFC 3834 section 5).
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return { outcome: 'sent' };
      } catch (error) {
        return signal.aborted ? { outcome: 'unavailable', code: 'TIMEOUT' } : judged(error);
      }
    },
    // What is under way as well: whoever stops has waited for it.
    close: () => transport.close({ force: true }),
  };
}

/** What a server answers names people; so its number is kept, and no word of it. */
function judged(error: unknown): Delivered {
  const { code: given, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const answer = typeof responseCode === 'number' ? responseCode : null;
  const word = typeof given === 'string' && /^[A-Z_]{2,40}$/.test(given) ? given : 'UNKNOWN';
  const isAboutMessage = word === 'EENVELOPE' || word === 'EMESSAGE';
  // 5xx to a recipient or a message stands, 4xx is this one's alone; to a login or a command it is the server's set-up, which somebody may mend.
  const code = answer === null ? word : `${word}_${answer}`;
  // 421: the server closes, whatever it answers (RFC 5321 section 4.2.1).
  if (answer === null || answer === 421 || !isAboutMessage) return { outcome: 'unavailable', code };
  return { outcome: answer >= 500 ? 'refused' : 'deferred', code };
}
