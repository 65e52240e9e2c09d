import { eventually } from '@tenure/testing/eventually.ts';
import type { ReceivedMail } from '@tenure/testing/mailbox/received-mail.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';

/** Waits until a person has got a mail about an event of another person. */
export function untilMail({ processes }: Stage, name: string, about: string, whom: string): Promise<ReceivedMail> {
  const look = async (): Promise<ReceivedMail | null> => {
    const mails = (await (await fetch(`${processes.mailbox.url}/mails.json`)).json()) as readonly ReceivedMail[];
    return mails.findLast(({ to, subject, text }) => to.startsWith(`${name} <`) && subject.includes(about) && text.includes(whom)) ?? null;
  };
  return eventually(`a mail to ${name} about ${about}`, look, 20_000);
}

/** Opens the link of a mail, without a login, and presses a button on the page that it shows. */
export async function answerByLink({ text }: ReceivedMail, decision: 'approve' | 'deny', comment: string): Promise<void> {
  // super-linear: a mail of Tenure's own
  const link = /https?:\/\/\S+\/decide\/\S+/.exec(text)?.[0] ?? '';
  const page = await (await fetch(link)).text();
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const answer = await fetch(link, { method: 'POST', body: new URLSearchParams({ token, decision, comment }) });
  must(answer.status === 200, `the answer by the link of a mail was met with HTTP ${answer.status}`);
  const again = await fetch(link, { method: 'POST', body: new URLSearchParams({ token, decision, comment }) });
  must(again.status === 410, `the same link a second time was met with HTTP ${again.status}`);
}
