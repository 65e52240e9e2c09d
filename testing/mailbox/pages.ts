import type { ReceivedMail } from './received-mail.ts';

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid #8884; }
td { overflow-wrap: anywhere; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; opacity: 0.7; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8884; border-radius: 0.4rem; padding: 1rem; }
iframe { width: 100%; height: 32rem; border: 1px solid #8884; border-radius: 0.4rem; background: #fff; color-scheme: light; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
dt { opacity: 0.7; }
dd { margin: 0; }`;

/** All mails, the newest first. */
export function mailboxPage(mails: readonly ReceivedMail[]): string {
  const rows = mails.map(
    ({ number, at, to, subject }) =>
      `<tr><td><time>${escaped(at.slice(11, 19))}</time></td><td>${escaped(to)}</td><td><a href="/${number}">${escaped(subject)}</a></td></tr>`,
  );
  const list =
    rows.length === 0
      ? '<p>No mail has arrived yet.</p>'
      : `<table><thead><tr><th>UTC</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
  return whole('Mailbox', `<h1>Mailbox</h1><p>Everything that Tenure has sent to anybody, the newest first. Nothing leaves this machine.</p>${list}`);
}

/** One mail, as text and as HTML. */
export function mailPage({ number, at, from, to, subject, text }: ReceivedMail): string {
  const head = [
    ['To', to],
    ['From', from],
    ['At', `${at.slice(0, 19).replace('T', ' ')} UTC`],
  ].map(([name = '', value = '']) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`);
  return whole(
    subject,
    `<p><a href="/">All mails</a></p><h1>${escaped(subject)}</h1><dl>${head.join('')}</dl>
<h2>As HTML</h2><iframe src="/${number}/html" sandbox="allow-popups allow-popups-to-escape-sandbox" title="The mail as HTML"></iframe>
<h2>As text</h2><pre>${escaped(text)}</pre>`,
  );
}

function whole(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${style}</style></head><body>${body}</body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
