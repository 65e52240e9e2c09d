import { join } from 'node:path';
import type { NotificationLanguage } from '@tenure/domain';
import { Liquid } from 'liquidjs';
import type { MailKind, MailView, WrittenMail } from './mail-view.ts';

/** Writer of mails from the templates beside this file. */
export interface MailWriter {
  write(kind: MailKind, language: NotificationLanguage, view: MailView): Promise<WrittenMail>;
}

const templates = join(import.meta.dirname, 'templates');

/** Creates a writer. Templates are read once and cached. Values are escaped in HTML; an unknown name is an error instead of an empty text. */
export function createMailWriter(): MailWriter {
  const shared = { cache: true, strictVariables: true, strictFilters: true, lenientIf: true, jsTruthy: true, relativeReference: false } as const;
  const engines = (language: NotificationLanguage) => {
    const root = [join(templates, language), templates];
    return {
      html: new Liquid({ ...shared, root, extname: '.html.liquid', outputEscape: 'escape' }),
      text: new Liquid({ ...shared, root, extname: '.text.liquid' }),
    };
  };
  const known = new Map<NotificationLanguage, ReturnType<typeof engines>>();
  return {
    async write(kind, language, view) {
      const { html, text } = known.get(language) ?? engines(language);
      known.set(language, { html, text });
      // The subject is the first line of the text.
      const [first = '', ...lines] = String(await text.renderFile(kind, view))
        .trim()
        .split('\n');
      const subject = first.replace(/^Subject: /, '').trim();
      const body = lines
        .join('\n')
        .replace(/(?<![ \t])[ \t]+$/gm, '')
        .replace(/\n{3,}/g, '\n\n')
        .trim();
      return { subject, text: `${body}\n`, html: String(await html.renderFile(kind, { ...view, subject, language })) };
    },
  };
}
