import { isLoopbackHost } from '@tenure/outbound';
import { createTransport } from 'nodemailer';
import type { WrittenMail } from './mail-view.ts';
import { type Delivered, MAIL_CONNECTIONS, type MailServer } from './settings.ts';

/** A mail to one person. */
export interface Mail extends WrittenMail {
  /** Id of the message, the same for each attempt, so that a mail that arrived twice is recognised as one (RFC 5322 section 3.6.4). */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
}

/** Sender of mails to one server. */
export interface MailSender {
  send(mail: Mail): Promise<Delivered>;
  close(): void;
}

/** Time-outs of the steps of an SMTP session, in milliseconds. */
const steps = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 } as const;
/** Time-out of a whole mail, in milliseconds, since a server that sends one byte at a time never exceeds the others. */
const whole = 45_000;

/**
 * Creates a sender. Connections are kept and shared. TLS is required except on this machine, and the server's certificate is checked.
 * @param patience milliseconds after which the attempt to send a mail is abandoned
 */
export function createMailSender({ url, password, from, replyTo }: MailServer, patience = whole): MailSender {
  const server = new URL(url);
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const secure = server.protocol === 'smtps:';
  const user = decodeURIComponent(server.username);
  const transport = createTransport({
    pool: true,
    maxConnections: MAIL_CONNECTIONS,
    // A kept connection may have closed while it was idle. Further attempts are up to the caller, who waits between them.
    maxRequeues: 1,
    host,
    port: server.port === '' ? (secure ? 465 : 587) : Number(server.port),
    secure,
    requireTLS: !secure && !isLoopbackHost(server.hostname),
    ...(password === null ? {} : { auth: { user, pass: password } }),
    // File paths and URLs in a message are text and are never fetched.
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
          // They prevent automatic replies (RFC 3834 section 5).
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return { outcome: 'sent' };
      } catch (error) {
        return signal.aborted ? { outcome: 'unavailable', code: 'TIMEOUT' } : judged(error);
      }
    },
    // Mails in progress are ended as well: the caller has waited for them before.
    close: () => transport.close({ force: true }),
  };
}

/** Returns the result of a failed attempt. The server's answer may name people, so only its number is kept. */
function judged(error: unknown): Delivered {
  const { code: given, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const answer = typeof responseCode === 'number' ? responseCode : null;
  const word = typeof given === 'string' && /^[A-Z_]{2,40}$/.test(given) ? given : 'UNKNOWN';
  const isAboutMessage = word === 'EENVELOPE' || word === 'EMESSAGE';
  // To a recipient or a message, 5xx is permanent and 4xx concerns this message alone; to a login or a command they are about the server's setup.
  const code = answer === null ? word : `${word}_${answer}`;
  // 421: the server closes the connection, after any command (RFC 5321 section 4.2.1).
  if (answer === null || answer === 421 || !isAboutMessage) return { outcome: 'unavailable', code };
  return { outcome: answer >= 500 ? 'refused' : 'deferred', code };
}
