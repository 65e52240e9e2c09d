import { performance } from 'node:perf_hooks';
import { measure } from '../measure.ts';
import { type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';
import { memoryOf } from '../memory.ts';
import { type Company, startCompany } from './company.ts';

const people = 5000;
const inOneRequest = 500;
const targets = 8;
const one = 40;
/** Number of accounts in each target for the floor. */
const perTarget = 250;

/** Measures a mass hire: from the first request until everybody's access is decided and answered, and until every account has been read back. */
export async function runWave(servers: Servers): Promise<readonly Row[]> {
  const company = await startCompany(servers, targets);
  try {
    const single = rowOf(
      `single records, 20 at a time, to every account confirmed, ${targets} targets`,
      await measure(
        Array.from({ length: one }, (_, number) => number),
        20,
        async (number) => {
          const [id = ''] = await company.record([number], 1, 'ACTIVE');
          await company.settled(id, 'enabled');
        },
      ),
    );
    await company.connectorsAlone(10);
    const alone = rowOf(`floor: the connectors alone, accounts in ${targets} targets`, await company.connectorsAlone(perTarget));
    return [single, alone, ...(await massHire(company, single, alone))];
  } finally {
    await company.stop();
  }
}

async function massHire(company: Company, single: Row, alone: Row): Promise<readonly Row[]> {
  const before = await company.confirmed();
  const requests = Array.from({ length: people / inOneRequest }, (_, request) =>
    Array.from({ length: inOneRequest }, (_none, number) => 10_000 + request * inOneRequest + number),
  );
  const memory = watchMemory(company);
  const begun = performance.now();
  const sample = await measure(requests, 2, (numbers) => company.record(numbers, 1, 'ACTIVE'));
  const decided = performance.now() - begun;
  const left = before + people * targets - (await company.confirmed());
  while ((await company.confirmed()) < before + people * targets) await new Promise((resolve) => setTimeout(resolve, 100));
  const confirmed = performance.now() - begun;
  const { api, worker } = await memory.stop();
  const rate = (name: string, milliseconds: number): Row => ({
    name: `mass hire, ${people} people, ${targets} targets: ${name}`,
    unit: 'people',
    n: people,
    p50: null,
    p99: null,
    perSecond: (people / milliseconds) * 1000,
    floor: single.name,
    ratio: (single.perSecond ?? Number.NaN) / ((people / milliseconds) * 1000),
  });
  return [
    rowOf(`mass hire: one request of ${inOneRequest} records, 2 at a time`, sample),
    rate('decided', decided),
    rate('every account confirmed', confirmed),
    {
      name: `mass hire, ${people} people: accounts confirmed once everybody is decided`,
      unit: 'accounts',
      n: people * targets,
      p50: null,
      p99: null,
      perSecond: left / ((confirmed - decided) / 1000),
      floor: alone.name,
      ratio: (alone.perSecond ?? Number.NaN) / (left / ((confirmed - decided) / 1000)),
    },
    ...memoryRows('API', api),
    ...memoryRows('worker', worker),
  ];
}

function memoryRows(name: string, samples: readonly number[]): readonly Row[] {
  if (samples.length === 0) return [];
  const third = samples.slice(0, Math.ceil(samples.length / 3));
  const row = (what: string, megabytes: number): Row => ({
    name: `${name}, ${what}`,
    unit: 'MB',
    n: samples.length,
    p50: megabytes,
    p99: null,
    perSecond: null,
    floor: null,
    ratio: null,
  });
  return [
    row('memory at the beginning of the mass hire', samples[0] ?? 0),
    row('most in its first third', Math.max(...third)),
    row('most until its end', Math.max(...samples)),
  ];
}

function watchMemory({ api, worker }: Company): { stop(): Promise<{ api: readonly number[]; worker: readonly number[] }> } {
  const seen = { api: [] as number[], worker: [] as number[] };
  const look = async (): Promise<void> => {
    seen.api.push(...[await memoryOf(api)].filter((one) => one !== null));
    seen.worker.push(...[await memoryOf(worker)].filter((one) => one !== null));
  };
  void look();
  const timer = setInterval(() => void look(), 250);
  return {
    async stop() {
      clearInterval(timer);
      await look();
      return seen;
    },
  };
}
