import { NOTIFICATION_LANGUAGES, type NotificationLanguage } from '@tenure/domain';

/**
 * Chooses the language of mails to a person.
 * @param preferred the person's `preferredLanguage`: as HTTP's Accept-Language, such as `de-CH` or `da, en-GB;q=0.8` (RFC 7643 section 4.1.1)
 * @param otherwise language if it names none for which there are templates
 */
export function chooseLanguage(preferred: unknown, otherwise: string): NotificationLanguage {
  const wanted = typeof preferred === 'string' ? preferred.slice(0, 200).split(',').map(weighed) : [];
  const known = wanted.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  const found = known.map(({ language }) => NOTIFICATION_LANGUAGES.find((one) => one === language)).find((one) => one !== undefined);
  return found ?? NOTIFICATION_LANGUAGES.find((one) => one === otherwise) ?? NOTIFICATION_LANGUAGES[0];
}

/** Entry of the list with its weight. Only the first subtag counts, since there is one set of templates for all variants of a language. */
function weighed(entry: string): { readonly language: string; readonly weight: number } {
  const [range = '', ...parameters] = entry.split(';').map((part) => part.trim());
  const quality = parameters.map((one) => /^q=([0-9.]{1,5})$/i.exec(one)?.[1]).find((one) => one !== undefined);
  return { language: range.split(/[-_]/)[0]?.toLowerCase() ?? '', weight: quality === undefined ? 1 : Number(quality) || 0 };
}
