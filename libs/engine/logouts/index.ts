export { formerApplications } from './applications-to-notify.ts';
export { createLogoutNotifier } from './create-notifier.ts';
export { deliverLogoutNotices, type LogoutDependencies } from './deliver-logout-notices.ts';
export type { LogoutAnswer } from './logout-answer.ts';
export { retryLogoutNotifications } from './retry-logout-notifications.ts';
export { tendLogoutCases } from './tend-logout-cases.ts';
