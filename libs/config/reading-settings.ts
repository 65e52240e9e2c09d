import { durationToMilliseconds, isTimeZone, type QuietHours, WEEKDAYS } from '@tenure/domain';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Settings of what a reconciliation run reads, when, and what it looks for besides. */
export interface ReadingSettings {
  /** Hours in which no run begins by itself, and one under way pauses; `null`: none. */
  readonly quietHours: QuietHours | null;
  /** User names that every complete listing contains. */
  readonly canaries: readonly string[];
  /** Groups unknown to policy whose memberships are findings: names, in which `*` stands for any text. */
  readonly unmanagedGroups: readonly string[];
  /** Milliseconds without use after which an account is dormant; `null`: dormant accounts are not looked for. */
  readonly dormantAfter: number | null;
}

export const READING_SETTINGS: ReadingSettings = { quietHours: null, canaries: [], unmanagedGroups: [], dormantAfter: null };

/** Quiet hours as in tenure.yaml. */
export interface RawQuietHours {
  readonly hours: string;
  readonly days?: readonly (typeof WEEKDAYS)[number][];
  readonly timeZone?: string;
}

/** These settings as in tenure.yaml. `none`: no quiet hours, whatever the default is. */
export interface RawReading {
  readonly quietHours?: RawQuietHours | 'none';
  readonly canaries?: readonly string[];
  readonly unmanagedGroups?: boolean | readonly string[];
  readonly dormantAfter?: string;
}

/**
 * Reads the settings that a target has of its own, and the quiet hours of all targets where it has none.
 * @param timeZone IANA name of the installation's zone
 */
export function readReading(own: RawReading, all: Pick<RawReading, 'quietHours'>, timeZone: string): Partial<ReadingSettings> {
  const { quietHours = all.quietHours, canaries, unmanagedGroups, dormantAfter } = own;
  return {
    ...(quietHours === undefined ? {} : { quietHours: quietHours === 'none' ? null : readQuietHours(quietHours, timeZone) }),
    ...(canaries === undefined ? {} : { canaries }),
    ...(unmanagedGroups === undefined ? {} : { unmanagedGroups: typeof unmanagedGroups === 'boolean' ? (unmanagedGroups ? ['*'] : []) : unmanagedGroups }),
    ...(dormantAfter === undefined ? {} : { dormantAfter: durationToMilliseconds(dormantAfter) }),
  };
}

function readQuietHours({ hours, days = WEEKDAYS, timeZone }: RawQuietHours, ofAll: string): QuietHours {
  const [from = '', to = ''] = hours.split('-');
  return { timeZone: timeZone ?? ofAll, days, from, to };
}

/** Checks quiet hours: a known zone, and some time of the week in which a target may be read. */
export function checkQuietHours(path: Path, quietHours: RawReading['quietHours']): readonly LocatedProblem[] {
  if (quietHours === undefined || quietHours === 'none') return [];
  const { hours, days = WEEKDAYS, timeZone } = quietHours;
  const [from, to] = hours.split('-');
  const isAlways = from === to || (from === '00:00' && to === '24:00' && days.length === WEEKDAYS.length);
  return [
    ...(timeZone === undefined || isTimeZone(timeZone)
      ? []
      : [{ path: [...path, 'timeZone'], message: `"${timeZone}" is no IANA time zone; write it like Europe/Berlin` }]),
    ...(isAlways ? [{ path: [...path, 'hours'], message: `${hours} leaves no time to read; for no runs at all write every: never` }] : []),
  ];
}

/** Checks that the target reports the use by which an account is dormant. */
export function checkDormantAfter(path: Path, { dormantAfter }: RawReading, lastActivity: string | undefined): readonly LocatedProblem[] {
  if (dormantAfter === undefined) return [];
  const length = durationToMilliseconds(dormantAfter);
  if (length === null || length <= 0)
    return [{ path, message: `"${dormantAfter}" is no duration in weeks, days, hours, minutes and seconds; write it like P90D` }];
  return lastActivity === undefined ? [{ path, message: 'needs lastActivity beside it: the attribute with the time of the last use' }] : [];
}
