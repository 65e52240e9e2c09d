import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { type RunningMailbox, startMailbox } from './mailbox.ts';

let mailbox: RunningMailbox;
beforeAll(async () => {
  mailbox = await startMailbox();
});
afterAll(() => mailbox.stop());

it('shows a hostile mail as what it is: escaped in its pages, and alone in a frame where nothing runs', async () => {
  const hostile = '<script>alert(1)</script>';
  const { port } = new URL(mailbox.smtpUrl);
  await createTransport({ host: '127.0.0.1', port: Number(port), ignoreTLS: true }).sendMail({
    from: 'a@example.com',
    to: { name: hostile, address: 'b@example.com' },
    subject: hostile,
    text: hostile,
    html: hostile,
  });
  for (const path of ['/', '/1']) {
    const answer = await fetch(`${mailbox.url}${path}`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await answer.text()).not.toContain('<script>');
  }
  const framed = await fetch(`${mailbox.url}/1/html`);
  expect(framed.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/);
  expect((await fetch(`${mailbox.url}/2`)).status).toBe(404);
});
