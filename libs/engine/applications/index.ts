export { claimsDigest } from './claims-digest.ts';
export { enterApplication, type Entry, type EntryRequest } from './enter-application.ts';
export { entryDecision } from './entry-decision.ts';
export { followSamlApplications, type SamlApplication, type SamlApplications } from './saml-applications.ts';
export { requestableAccess } from './requestable-access.ts';
export { type PersonsApplication, viewApplication } from './view-application.ts';
export { type ApplicationLogout, type ApplicationLogoutOutcome, LOGGED_OUT_THERE, logOutAtApplication } from './log-out-at-application.ts';
