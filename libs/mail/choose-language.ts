import { NOTIFICATION_LANGUAGES, type NotificationLanguage } from '@tenure/domain';

/**
 * The language to write to somebody in.
 * @param preferred the person's `preferredLanguage`: as HTTP's Accept-Language, such as `de-CH` or `da, en-GB;q=0.8` (RFC 7643 section 4.1.1)
 * @param otherwise when it names none that there are templates for
 */
export function chooseLanguage(preferred: unknown, otherwise: string): NotificationLanguage {
  const wanted = typeof preferred === 'string' ? preferred.slice(0, 200).split(',').map(weighed) : [];
  const known = wanted.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  const found = known.map(({ language }) => NOTIFICATION_LANGUAGES.find((one) => one === language)).find((one) => one !== undefined);
  return found ?? NOTIFICATION_LANGUAGES.find((one) => one === otherwise) ?? NOTIFICATION_LANGUAGES[0];
}

/** One of the list: its first subtag decides, since there is one set of templates for all who speak it. */
function weighed(entry: string): { readonly language: string; readonly weight: number } {
  const [range = '', ...parameters] = entry.split(';').map((part) => part.trim());
  const quality = parameters.map((one) => /^q=([0-9.]{1,5})$/i.exec(one)?.[1]).find((one) => one !== undefined);
  return { language: range.split(/[-_]/)[0]?.toLowerCase() ?? '', weight: quality === undefined ? 1 : Number(quality) || 0 };
}
