import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createMailSender, type Mail, type MailSender } from './smtp-sender.ts';
import { startTestMailServer, type TestMailServer } from './testing.ts';

const mail: Mail = {
  messageId: '<5f1c@tenure.example>',
  to: { name: 'Ada Lovelace', address: 'ada@example.com' },
  subject: 'Bitte entscheiden: Kassenführung für Ada',
  text: 'Guten Tag,\n',
  html: '<p>Guten Tag</p>',
};
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function server(demands?: Parameters<typeof startTestMailServer>[0]): Promise<TestMailServer> {
  const started = await startTestMailServer(demands);
  open.push(() => started.close());
  return started;
}

function senderTo(url: string, password: string | null = null): MailSender {
  const sender = createMailSender({ url, password, from: 'Tenure <tenure@example.com>', replyTo: 'help@example.com' });
  open.push(() => sender.close());
  return sender;
}

describe('mail over SMTP', () => {
  it('arrives with text, HTML, its own Message-ID, and headers that keep holiday answers away', async () => {
    const { url, mails } = await server();
    expect(await senderTo(url).send(mail)).toEqual({ outcome: 'sent' });
    const [taken] = mails;
    expect(taken).toMatchObject({ messageId: mail.messageId, subject: mail.subject, from: { address: 'tenure@example.com', name: 'Tenure' } });
    expect(taken?.to).toEqual([expect.objectContaining({ address: 'ada@example.com', name: 'Ada Lovelace' })]);
    expect(taken?.text?.trim()).toBe('Guten Tag,');
    expect(taken?.html?.trim()).toBe('<p>Guten Tag</p>');
    expect(taken?.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  });

  it('puts no second header, recipient or part into a message, whatever a name or subject holds', async () => {
    const { url, mails, raw } = await server();
    const sender = senderTo(url);
    const hostile = 'Ada"\r\nBcc: eve@evil.example\r\n\r\n<x>, eve@evil.example';
    await sender.send({ ...mail, to: { name: hostile, address: 'ada@example.com' }, subject: `Hello\r\nBcc: eve@evil.example\r\nX-Evil: 1\r\n\r\nBody` });
    const [taken] = mails;
    expect(taken?.to?.map((one) => ('address' in one ? one.address : one))).toEqual(['ada@example.com']);
    expect(taken?.bcc ?? []).toEqual([]);
    expect(raw[0]).not.toMatch(/^(bcc|x-evil):/im);
    expect(taken?.text?.trim()).toBe('Guten Tag,');
  });

  it.each([
    ['unknown-recipient', { outcome: 'refused', code: 'EENVELOPE_550' }],
    ['refused-message', { outcome: 'refused', code: 'EMESSAGE_554' }],
    ['trouble', { outcome: 'deferred', code: 'EENVELOPE_451' }],
  ] as const)('a server that answers %s is told apart, and its words stay with it', async (how, expected) => {
    const { url, answerWith } = await server();
    answerWith(how);
    expect(await senderTo(url).send(mail)).toEqual(expected);
  });

  it('a server that hangs up, or is not there, is worth another attempt', async () => {
    const { url, answerWith, close } = await server();
    const sender = senderTo(url);
    answerWith('drop');
    expect(await sender.send(mail)).toMatchObject({ outcome: 'unavailable' });
    await close();
    expect(await sender.send(mail)).toMatchObject({ outcome: 'unavailable' });
  });

  it('shows its password to who asks for it, and calls a wrong one worth another attempt: somebody may mend it', async () => {
    const { url, mails } = await server({ auth: { user: 'tenure', password: 's3cret p@ss' } });
    expect(await senderTo(url, 's3cret p@ss').send(mail)).toEqual({ outcome: 'sent' });
    expect(await senderTo(url, 'wrong').send(mail)).toEqual({ outcome: 'unavailable', code: 'EAUTH_535' });
    expect(mails).toHaveLength(1);
  });

  it('says nothing to a server elsewhere that offers no TLS', async () => {
    const said: string[] = [];
    const plain = createServer((socket) => {
      socket.write('220 plain\r\n');
      socket.on('data', (data) => {
        said.push(data.toString());
        socket.write(/^EHLO/.test(data.toString()) ? '250 plain\r\n' : '250 ok\r\n');
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => plain.listen(0, '0.0.0.0', resolve));
    open.push(() => plain.close());
    const { port } = plain.address() as AddressInfo;
    // An address of this machine that is not written as one counts as any other server.
    const outcome = await senderTo(`smtp://tenure@0.0.0.0:${port}`, 'secret').send(mail);
    expect(outcome).toMatchObject({ outcome: 'unavailable' });
    expect(said.join('')).not.toMatch(/AUTH|MAIL FROM|ada@/);
  });

  it.each([
    ['says nothing', () => undefined],
    ['answers a byte at a time, and never a whole line', trickle],
  ])('a server that accepts and %s is given up for now as a whole, and its connection closed', async (_, answer) => {
    let closed = 0;
    const slow = createServer((socket) => {
      const end = answer(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        closed += 1;
        end?.();
      });
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    open.push(() => slow.close());
    const sender = createMailSender(
      { url: `smtp://127.0.0.1:${(slow.address() as AddressInfo).port}`, password: null, from: 'tenure@example.com', replyTo: null },
      1_000,
    );
    open.push(() => sender.close());
    const hasClosed = new Promise<void>((resolve) => slow.once('connection', (socket) => socket.on('close', () => resolve())));
    expect(await sender.send(mail)).toEqual({ outcome: 'unavailable', code: 'TIMEOUT' });
    await hasClosed;
    expect(closed).toBe(1);
  });

  it('a server that closes (421) is away for all, and not for one recipient', async () => {
    const closing = createServer((socket) => {
      socket.write('220 here\r\n');
      socket.on('data', (data) => socket.write(/^MAIL/.test(data.toString()) ? '421 closing\r\n' : '250 ok\r\n'));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    open.push(() => closing.close());
    expect(await senderTo(`smtp://127.0.0.1:${(closing.address() as AddressInfo).port}`).send(mail)).toMatchObject({ outcome: 'unavailable' });
  });
});

/** Writes an endless greeting, one byte at a time. */
function trickle(socket: Socket): () => void {
  const timer = setInterval(() => socket.write('2'), 20);
  return () => clearInterval(timer);
}
