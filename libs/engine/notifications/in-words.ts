import type { Instant } from '@tenure/domain';

const fields = { year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;

/** A day with its time and zone, as people of a language write it; English as most of the world does, the day first. */
export function instantInWords(at: Instant, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { ...fields, timeZone }).format(new Date(at));
}

const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;
const form = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** An ISO 8601 duration of whole units, as people of a language write it; any other stays as it is. */
export function durationInWords(duration: string, language: string): string {
  const numbers = form.exec(duration)?.slice(1);
  if (numbers === undefined) return duration;
  const parts = units.flatMap((unit, index): string[] => {
    const count = Number(numbers[index] ?? 0);
    return count === 0 ? [] : [new Intl.NumberFormat(language, { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long' }).format(count)];
  });
  return new Intl.ListFormat(language, { type: 'unit' }).format(parts) || duration;
}
