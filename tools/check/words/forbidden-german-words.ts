import type { ForbiddenWord } from './forbidden-words.ts';

/** Forbidden words of the German mails, with the terms to write. They address the reader as Sie. */
export const FORBIDDEN_GERMAN_WORDS: readonly ForbiddenWord[] = [
  { pattern: /\bWellen?\b/, write: 'Sammeländerung' },
  { pattern: /\b(?:hält|halten|gehalten|angehalten|zurückgehalten|Halt)\b/i, write: 'Bereitstellung ausgesetzt; hat Zugriff; wartet auf Genehmigung' },
  { pattern: /\b(?:Freigabe|freigegeben|freigeben|bewillig\w*|Bewilligung|zustimmen|Zustimmung)\b/i, write: 'genehmigen, Genehmigung' },
  { pattern: /\bNot(?:fall|fälle|fällen|fallzugriff)\b/, write: 'Notfallzugang' },
  { pattern: /\b(?:bürg\w*|gebürgt)\b/i, write: 'Sponsor' },
  { pattern: /\b(?:an|in) (?:deren|dessen|seiner|ihrer|Ihrer) Stelle\b|\bsteht\w* für\b/i, write: 'Vertretung; im Namen von' },
  { pattern: /\b(?:Menschen?|jemand\w*)\b/i, write: 'Person' },
  { pattern: /\b(?:Leben|Lebens)\b/, write: 'Identitätslebenszyklus' },
  { pattern: /\b(?:Regeln?)\b/, write: 'Richtlinie', allowed: ['eine Regel konnte nicht ausgewertet werden'] },
  { pattern: /\b(?:Kennung|Kennungen)\b/, write: 'Dienst-Token' },
  { pattern: /\bwer\b/i, write: 'ein Nomen: Sponsor, Vertretung, genehmigende Person' },
  { pattern: /\b(?:du|dir|dich|dein\w*|euch|euer|eure\w*)\b/i, write: 'Sie, Ihr' },
];
