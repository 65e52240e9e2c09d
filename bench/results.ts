import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Row } from './row.ts';

const jsonFile = new URL('./results.json', import.meta.url);
const tableFile = new URL('./results.md', import.meta.url);

/** The rows of one part of the bench, as one run measured them. */
export interface Part {
  readonly part: string;
  readonly at: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}

/** Keeps what was measured. Parts that this run left out keep the figures of the run before: ratios are only ever within one part. */
export async function keepResults(measured: readonly Part[]): Promise<void> {
  const before = JSON.parse(await readFile(jsonFile, 'utf8').catch(() => '[]')) as readonly Part[];
  const parts = [...before.filter(({ part }) => !measured.some((one) => one.part === part)), ...measured].sort((a, b) => (a.part < b.part ? -1 : 1));
  await writeFile(jsonFile, `${JSON.stringify(parts, null, 2)}\n`);
  await writeFile(tableFile, markdown(parts));
}

/** Cores and their kind, and how busy the machine was with other things when the measurement began. */
export function machine(load: number): string {
  const [core] = cpus();
  return `${cpus().length} × ${core?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, load before ${load.toFixed(1)}`;
}

function markdown(parts: readonly Part[]): string {
  const tables = parts.map(({ part, at, machine: where, rows }) => `## ${part}\n\n${at.slice(0, 10)}, ${where}\n\n${table(rows)}`);
  return `# Measured\n\nWritten by \`npm run bench\`; what the figures mean and what bounds them is in [docs/measured.md](../docs/measured.md).\n\n${tables.join('\n\n')}\n`;
}

/** As GitHub shows it, and readable as it is. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, unit, n, p50, p99, perSecond, floor, ratio }) =>
    [name, unit, String(n), shown(p50), shown(p99), shown(perSecond), ratio === null ? '' : `${shown(ratio)} × ${floor}`].join(' | '),
  );
  return ['name | unit | n | p50 | p99 | per second | compared', '--- | --- | --: | --: | --: | --: | ---', ...lines].map((line) => `| ${line} |`).join('\n');
}

function shown(value: number | null): string {
  if (value === null) return '';
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
