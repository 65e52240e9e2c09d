import { setTimeout as sleep } from 'node:timers/promises';
import { measure } from '../measure.ts';
import { figure, percentile, type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';
import { type Company, startCompany } from './company.ts';

/** Number of hires that measure the capacity of the machine per second. */
const calibration = 150;
/** Duration of the overload in milliseconds. */
const lasts = 60_000;
/** Overload as a multiple of the capacity. */
const times = 3;
/** One in this many arrivals is an end; the others are hires. */
const oneIn = 10;
const targets = 2;
const day = 24 * 3_600_000;

/** Kinds of ends: by a record (of any identity, of one without pending work, of one whose earlier work still waits), or by a date. */
const kinds = ['record', 'record, of an identity without pending work', 'record, of an identity whose earlier work still waits', 'date'] as const;
type Kind = (typeof kinds)[number];

interface Leaver {
  readonly kind: Kind;
  readonly number: number;
  readonly identityId: string;
  /** Milliseconds after the begin. */
  readonly at: number;
}

/**
 * Measures ends during an overload of three times the capacity, with records sent at a fixed rate whether or not earlier ones were answered: from
 * the instant at which an end is sent, or its date, until every account is read back as closed.
 */
export async function runOverload(servers: Servers): Promise<readonly Row[]> {
  const company = await startCompany(servers, targets);
  try {
    const carried = rowOf(
      'hires that the installation sustains, 20 at a time',
      await measure(numbers(calibration, 1000), 20, (number) => hire(company, number, 1)),
    );
    const perSecond = times * (carried.perSecond ?? 0);
    const count = Math.round((perSecond * lasts) / 1000);
    const atOf = (index: number): number => Math.round((index * 1000) / perSecond);
    const ends = numbers(count, 0).filter((index) => index % oneIn === oneIn - 1);
    const begins = Date.now() + 45_000;
    const leavers = await prepare(
      company,
      ends.map((index, order) => ({ kind: kinds[order % kinds.length] ?? 'record', at: atOf(index) })),
      begins,
    );
    await sleepUntil(begins);
    const hired: number[] = [];
    const closed = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
    const under = ends.map(async (index, order) => {
      const { kind = 'record', number = 0, identityId = '' } = leavers[order] ?? {};
      const at = begins + atOf(index);
      // A person hired now who leaves at once has waited for three seconds by then, and so has their identity lifecycle workflow.
      const fresh = kind === 'record, of an identity whose earlier work still waits';
      if (fresh) await sleepUntil(at - 3000);
      const [id = ''] = fresh ? await company.record([number], 1, 'ACTIVE') : [identityId];
      await sleepUntil(at);
      if (kind !== 'date') await company.record([number], 2, 'ENDED');
      await company.closed(id);
      closed.get(kind)?.push(Date.now() - at);
    });
    const others = numbers(count, 0)
      .filter((index) => index % oneIn !== oneIn - 1)
      .map(async (index) => {
        const at = begins + atOf(index);
        await sleepUntil(at);
        await hire(company, 100_000 + index, 1);
        hired.push(Date.now() - at);
      });
    await Promise.all(under);
    await Promise.all(others);
    const name = `${times} × the sustained load, for a minute`;
    const sampleOf = (all: readonly number[]) => ({ times: all, elapsed: lasts });
    const floor = rowOf(`${name}: hire → every account confirmed`, sampleOf(hired));
    const all = [...closed.values()].flat();
    return [
      carried,
      floor,
      rowOf(`${name}: end → every account closed`, sampleOf(all), floor),
      figure(`${name}: end → every account closed, p95`, 'ms', percentile(all, 0.95), { n: all.length }),
      figure(`${name}: end → every account closed, the longest`, 'ms', Math.max(...all), { n: all.length }),
      ...kinds.map((kind) => rowOf(`${name}: end by ${kind} → every account closed`, sampleOf(closed.get(kind) ?? []), floor)),
    ];
  } finally {
    await company.stop();
  }
}

const sleepUntil = (instant: number): Promise<void> => sleep(Math.max(0, instant - Date.now()));
const numbers = (count: number, from: number): number[] => Array.from({ length: count }, (_, index) => from + index);

async function hire(company: Company, number: number, version: number): Promise<void> {
  const [id = ''] = await company.record([number], version, 'ACTIVE');
  await company.settled(id, 'enabled');
}

/** Hires all leavers, except those who are hired just before their end. */
async function prepare(company: Company, ends: readonly { kind: Kind; at: number }[], begins: number): Promise<readonly Leaver[]> {
  const leavers: Leaver[] = [];
  for (const [order, { kind, at }] of ends.entries()) {
    const number = 10_000 + order;
    if (kind === 'record, of an identity whose earlier work still waits') {
      leavers.push({ kind, number, identityId: '', at });
      continue;
    }
    const dated = kind === 'record' ? undefined : () => new Date(kind === 'date' ? begins + at : begins + 100 * day).toISOString();
    const [identityId = ''] = await company.record([number], 1, 'ACTIVE', dated);
    leavers.push({ kind, number, identityId, at });
  }
  await Promise.all(leavers.map(({ identityId }) => identityId && company.settled(identityId, 'enabled')));
  return leavers;
}
