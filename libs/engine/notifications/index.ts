export { type DeliveryDependencies, deliverNotices } from './deliver-notices.ts';
export { durationInWords, instantInWords } from './in-words.ts';
export { planNotices } from './plan-notices.ts';
export { formerReceivers, receiversOf } from './receivers.ts';
export { createWebhookSender } from './webhook-sender.ts';
export { chooseApprovalNotices } from './choose-approval-notices.ts';
