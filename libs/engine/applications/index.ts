export { enterApplication, type Entry, type EntryRequest } from './enter-application.ts';
export { type ApplicationLogout, type ApplicationLogoutOutcome, LOGGED_OUT_THERE, logOutAtApplication } from './log-out-at-application.ts';
export { followSamlApplications, type SamlApplication, type SamlApplications } from './saml-applications.ts';
