export { enterApplication, type Entry, type EntryRequest } from './enter-application.ts';
