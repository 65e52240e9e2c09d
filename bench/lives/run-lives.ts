import { measure } from '../measure.ts';
import { type Row, rowOf, type Sample } from '../row.ts';
import type { Servers } from '../servers.ts';
import { type Company, startCompany } from './company.ts';

const people = 200;

/** Measures one person at a time and twenty at a time, from the record's arrival until the last target has been read back. */
export async function runLives(servers: Servers): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const targets of [3, 8]) {
    const company = await startCompany(servers, targets);
    try {
      rows.push(...(await inCompany(company)));
    } finally {
      await company.stop();
    }
  }
  return rows;
}

async function inCompany(company: Company): Promise<readonly Row[]> {
  const known = new Map<number, string>();
  const numbers = (from: number): number[] => Array.from({ length: people }, (_, index) => from + index);
  const hire = async (number: number): Promise<void> => {
    const [id = ''] = await company.record([number], 1, 'ACTIVE');
    known.set(number, id);
    await company.settled(id, 'enabled');
  };
  const end = async (number: number): Promise<void> => {
    await company.record([number], 2, 'ENDED');
    await company.settled(known.get(number) ?? '', 'disabled');
  };
  const record = (number: number): Promise<unknown> => company.record([number], 1, 'ACTIVE');
  await measure([1, 2, 3, 4, 5, 6], 3, hire);
  const floor = rowOf(
    `floor: recordFacts alone, the same version again`,
    await measure(
      Array.from({ length: people }, () => 1),
      1,
      record,
    ),
  );
  const named = (what: string, sample: Sample): Row => rowOf(`${what}, ${company.targets} targets`, sample, floor);
  return [
    { ...floor, name: `${floor.name}, ${company.targets} targets` },
    named('hire → every account confirmed', await measure(numbers(1000), 1, hire)),
    named('end → every account confirmed closed', await measure(numbers(1000), 1, end)),
    named('hire → every account confirmed, 20 at a time', await measure(numbers(2000), 20, hire)),
    named('end → every account confirmed closed, 20 at a time', await measure(numbers(2000), 20, end)),
  ];
}
