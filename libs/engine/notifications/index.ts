export { type DeliveryDependencies, deliverNotices } from './deliver-notifications.ts';
export { durationInWords, instantInWords } from './in-words.ts';
export { planNotices } from './plan-notifications.ts';
export { formerReceivers, receiversOf } from './receivers.ts';
export { createWebhookSender } from './webhook-sender.ts';
export { chooseApprovalNotices } from './choose-approval-notifications.ts';
