export { chooseLanguage } from './choose-language.ts';
export type { ItemView, MailKind, MailView, WrittenMail } from './mail-view.ts';
export { createMailWriter, type MailWriter } from './mail-writer.ts';
export { plainLine } from './plain-line.ts';
export { concurrency, type Delivered, type MailServer, type WebhookEndpoint } from './settings.ts';
export { createMailSender, type Mail, type MailSender } from './smtp-sender.ts';
export { createWebhookSender, type WebhookEvent, type WebhookSender } from './webhook-sender.ts';
