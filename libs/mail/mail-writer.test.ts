import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { CASE_KINDS, NOTIFICATION_KINDS, NOTIFICATION_LANGUAGES } from '@tenure/domain';
import type { MailKind, MailView } from './mail-view.ts';
import { createMailWriter } from './mail-writer.ts';
import { plainLine } from './plain-line.ts';
import { fullView, itemView } from './test-view.ts';

const writer = createMailWriter();
const kinds: readonly MailKind[] = [...NOTIFICATION_KINDS, 'approvals-digest'];
const cases = NOTIFICATION_LANGUAGES.flatMap((language) => kinds.map((kind) => [language, kind] as const));

describe('templates', () => {
  test.each(cases)('in %s say %s in text and HTML, with everything that there can be and with nothing', async (language, kind) => {
    const bare: MailView = fullView({
      item: itemView({ observedTargets: null, dueAt: null, exceptions: [], decideLink: null, comments: [], reason: null, validUntil: null, status: 'ended' }),
      items: [itemView({ decideLink: null })],
      case: { kind: 'of-another-version', person: null, deadline: null },
    });
    for (const view of [fullView(), bare]) {
      const { subject, text, html } = await writer.write(kind, language, view);
      expect(subject).toMatch(/\S{2}/);
      expect(text).toContain('Barbara Liskov,');
      expect(html).toContain(`<html lang="${language}">`);
      expect(`${subject}${text}${html}`).not.toMatch(/\{\{|\}\}|\{%|undefined|\[object|Subject:/);
      // The end of a partial template must not break the sentence around it.
      expect(text).not.toMatch(/^[,.;:]/m);
      expect(html.match(/<p>/g)?.length).toBe(html.match(/<p>(?:(?!<p[ >]).)*?<\/p>/gs)?.length);
    }
  });

  test.each(NOTIFICATION_LANGUAGES)('in %s name the targets in which an approval gives nothing yet', async (language) => {
    for (const [kind, status] of [
      ['approval-asked', 'open'],
      ['approvals-digest', 'open'],
      ['request-decided', 'approved'],
    ] as const) {
      const of = async (observedTargets: string | null) => {
        const item = itemView({ status, observedTargets });
        return writer.write(kind, language, fullView({ item, items: [item] }));
      };
      const [named, none] = [await of('The old CRM'), await of(null)];
      for (const body of [named.text, named.html]) expect(body).toContain('The old CRM');
      expect(named.text.length).toBeGreaterThan(none.text.length + 'The old CRM'.length);
    }
  });

  it('are the same in every language', () => {
    const files = NOTIFICATION_LANGUAGES.map((language) => readdirSync(join(import.meta.dirname, 'templates', language)).sort());
    expect(new Set(files.map((names) => names.join(' '))).size).toBe(1);
  });

  test.each(NOTIFICATION_LANGUAGES.flatMap((language) => CASE_KINDS.map((kind) => [language, kind] as const)))(
    'in %s have words for the case %s',
    async (language, kind) => {
      const subject = async (of: string) =>
        (await writer.write('case-assigned', language, fullView({ case: { kind: of, person: null, deadline: null } }))).subject;
      expect(await subject(kind)).not.toBe(await subject('of-another-version'));
    },
  );
});

describe('what people have written', () => {
  const hostile = '<img src=x onerror=alert(1)> {{ link }} {% raw %} "quoted" \'single\' & co';

  it('stays text in HTML, and is no template', async () => {
    const view = fullView({ name: hostile, person: hostile, item: itemView({ for: hostile, by: hostile, justification: hostile, comments: [hostile] }) });
    for (const kind of ['approval-asked', 'request-decided', 'person-ended'] as const) {
      const { html, text } = await writer.write(kind, 'en', view);
      expect(html).not.toContain('<img');
      expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; {{ link }}');
      expect(text).toContain('{{ link }}');
    }
  });

  test.each([
    ['lines of its own', 'Ada\r\n\r\nYour account was closed\nBcc: all@example.com', 'Ada Your account was closed Bcc: all@\u2060example.\u2060com'],
    ['text that runs backwards', 'Ada \u202Eecalevol', 'Ada ecalevol'],
    ['characters of no width', 'A\u200Bda', 'A da'],
    ['what a mail program makes a link of', 'see https://evil.example/x', 'see https:\u2060/\u2060/\u2060evil.\u2060example/\u2060x'],
    ['half a character', 'Ada \uD83D', 'Ada \uFFFD'],
  ])('cannot bring %s', (_, text, line) => expect(plainLine(text)).toBe(line));

  it('is cut where it is long', () => expect(plainLine('x'.repeat(1000), 10)).toBe(`${'x'.repeat(10)}…`));
});
