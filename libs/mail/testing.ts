import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A real mail server on the loopback address that keeps the mails that it accepts. */
export interface TestMailServer {
  readonly url: string;
  /** Mails that arrived, in order. */
  readonly mails: readonly Email[];
  /** The same mails in their transmitted form. */
  readonly raw: readonly string[];
  /** Sets the answer to the next messages: accept, refuse the recipient or the message permanently, fail temporarily, or disconnect at the end. */
  answerWith(how: 'ok' | 'unknown-recipient' | 'refused-message' | 'trouble' | 'drop'): void;
  close(): Promise<void>;
}

/** Starts the server. @param demands `auth`: user and password that it requires first */
export async function startTestMailServer(demands: { readonly auth?: { readonly user: string; readonly password: string } } = {}): Promise<TestMailServer> {
  const mails: Email[] = [];
  const raw: string[] = [];
  let how: Parameters<TestMailServer['answerWith']>[0] = 'ok';
  const refusal = (code: number, message: string): Error => Object.assign(new Error(message), { responseCode: code });
  const server = new SMTPServer({
    authOptional: demands.auth === undefined,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth({ username, password }, _session, done) {
      const isRight = username === demands.auth?.user && password === demands.auth?.password;
      if (isRight) done(null, { user: username });
      else done(refusal(535, 'no'));
    },
    onRcptTo({ address }, _session, done) {
      if (how === 'unknown-recipient') done(refusal(550, `nobody is called ${address}`));
      else if (how === 'trouble') done(refusal(451, 'later'));
      else done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (how === 'refused-message') return done(refusal(554, 'not this'));
        const message = Buffer.concat(chunks);
        void PostalMime.parse(message).then((mail) => {
          mails.push(mail);
          raw.push(message.toString('utf8'));
          // The message is accepted, and the connection breaks before the answer: the worst case for the sender.
          if (how === 'drop') for (const connection of server.connections) if (connection.id === session.id) connection._socket.destroy();
          done();
        });
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const user = demands.auth === undefined ? '' : `${encodeURIComponent(demands.auth.user)}@`;
  return {
    url: `smtp://${user}127.0.0.1:${port}`,
    mails,
    raw,
    answerWith: (next) => {
      how = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
