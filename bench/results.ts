import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '@tenure/tools/tenure/root.ts';
import { plotGrowth } from './plot-growth.ts';
import type { Row } from './row.ts';

const jsonFile = join(root, 'bench/results.json');
const plotFile = join(root, 'docs/measured-growth.svg');
const tableFile = join(root, 'bench/results.md');

/** The rows of one part of the bench, as one run measured them. */
export interface Part {
  readonly part: string;
  readonly at: string;
  readonly machine: string;
  /** Duration of this part in seconds. */
  readonly seconds: number;
  readonly rows: readonly Row[];
}

/** Stores the measured rows. Parts that this run left out keep the figures of the previous run: ratios are only within one part. */
export async function keepResults(measured: Part): Promise<void> {
  const before = JSON.parse(await readFile(jsonFile, 'utf8').catch(() => '[]')) as readonly Part[];
  const parts = [...before.filter(({ part }) => part !== measured.part), measured].sort((a, b) => (a.part < b.part ? -1 : 1));
  await writeFile(jsonFile, `${JSON.stringify(parts, null, 2)}\n`);
  await writeFile(tableFile, markdown(parts));
  await writeFile(plotFile, plotGrowth(parts.find(({ part }) => part === 'growth')?.rows ?? []));
}

/** Number and kind of cores, and the load of the machine before and at the end: other work on it affects the figures. */
export function machine(before: number, after: number): string {
  const [core] = cpus();
  return `${cpus().length} × ${core?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, load ${before.toFixed(1)} before, ${after.toFixed(1)} at the end`;
}

function markdown(parts: readonly Part[]): string {
  const tables = parts.map(({ part, at, machine: where, seconds, rows }) => `## ${part}\n\n${at.slice(0, 10)}, ${seconds} s, ${where}\n\n${table(rows)}`);
  return `# Measured\n\nWritten by \`npm run bench\`; what the figures mean and what bounds them is in [docs/measured.md](../docs/measured.md).\n\n${tables.join('\n\n')}\n`;
}

/** Markdown table of rows, also readable as plain text. */
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
