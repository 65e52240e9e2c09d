export { enterApplication, type Entry, type EntryRequest } from './enter-application.ts';
export { followSamlApplications, type SamlApplication, type SamlApplications } from './saml-applications.ts';
