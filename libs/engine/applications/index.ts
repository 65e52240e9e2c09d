export { currentEntry } from './current-entry.ts';
export { claimsDigest, enterApplication, type Entry, type EntryRequest } from './enter-application.ts';
