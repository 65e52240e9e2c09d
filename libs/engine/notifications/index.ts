export { type DeliveryDependencies, deliverNotifications } from './deliver-notifications.ts';
export { durationInWords, instantInWords } from './in-words.ts';
export { planNotifications } from './plan-notifications.ts';
export { formerReceivers, receiversOf } from './receivers.ts';
export { createWebhookSender } from './webhook-sender.ts';
export { chooseApprovalNotifications } from './choose-approval-notifications.ts';
