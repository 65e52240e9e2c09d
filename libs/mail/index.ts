export { chooseLanguage } from './choose-language.ts';
export type { ItemView, MailKind, MailView, WrittenMail } from './mail-view.ts';
export { createMailWriter, type MailWriter } from './mail-writer.ts';
export { plainLine } from './plain-line.ts';
export { type Delivered, MAIL_CONNECTIONS, type MailServer } from './settings.ts';
export { createMailSender, type Mail, type MailSender } from './smtp-sender.ts';
