import { loadavg } from 'node:os';
import { didYouMean } from '@tenure/tools/tenure/did-you-mean.ts';
import { readOptions } from '@tenure/tools/tenure/read-options.ts';
import { runTool } from '@tenure/tools/tenure/run-tool.ts';
import { runCore } from './core/run-core.ts';
import { runGrowth } from './growth/run-growth.ts';
import { runBounds } from './lives/run-bounds.ts';
import { runLives } from './lives/run-lives.ts';
import { runOverload } from './lives/run-overload.ts';
import { runWave } from './lives/run-wave.ts';
import { runLogins } from './login/run-logins.ts';
import { runReconcile } from './reconcile/run-reconcile.ts';
import { keepResults, machine, table } from './results.ts';
import type { Row } from './row.ts';
import { type Servers, type Sizes, startServers } from './servers.ts';
import { runSessions } from './sessions/run-sessions.ts';

const parts: Readonly<Record<string, (servers: Servers, sizes: Sizes) => Promise<readonly Row[]>>> = {
  core: runCore,
  login: runLogins,
  lifecycles: runLives,
  'batch-changes': runWave,
  bounds: runBounds,
  overload: runOverload,
  growth: runGrowth,
  reconcile: runReconcile,
  sessions: runSessions,
};

/** A number that takes a minute; docs/measured.md says with which ones it was measured. */
const usualAccounts = 50_000;
const usualLeavers = 1000;

const usage = {
  command: 'npm run bench [-- [--only <part>]... [--accounts <number>] [--leavers <number>]]',
  does: `Measures Tenure on this machine and adds the figures to bench/results.md. --only: a part, may be repeated: ${Object.keys(parts).join(', ')}; default: all. --accounts: accounts in each target that is reconciled; default: ${usualAccounts}. --leavers: people who leave with open sessions at applications; default: ${usualLeavers}.`,
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

await runTool(async () => {
  const { values } = readOptions(usage, { options: { only: { type: 'string', multiple: true }, accounts: { type: 'string' }, leavers: { type: 'string' } } });
  const wanted = values.only ?? Object.keys(parts);
  const unknown = wanted.find((name) => parts[name] === undefined);
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}${didYouMean(unknown, Object.keys(parts))}: --only takes ${Object.keys(parts).join(', ')}.`);
  const accounts = Number(values.accounts ?? usualAccounts);
  if (!Number.isInteger(accounts) || accounts < 1000) throw new Error('--accounts takes a whole number, at least 1000.');
  const leavers = Number(values.leavers ?? usualLeavers);
  if (!Number.isInteger(leavers) || leavers < 1) throw new Error('--leavers takes a whole number, at least 1.');
  const servers = await startServers(say);
  try {
    for (const part of wanted) {
      const begun = Date.now();
      const load = loadavg()[0] ?? 0;
      const rows = (await parts[part]?.(servers, { accounts, leavers })) ?? [];
      const seconds = Math.round((Date.now() - begun) / 1000);
      say(`\n${part} (${seconds} s)\n\n${table(rows)}`);
      // Stored after each part, since a later one may fail.
      await keepResults({ part, at: new Date(begun).toISOString(), machine: machine(load, loadavg()[0] ?? 0), seconds, rows });
    }
  } finally {
    await servers.stop();
  }
  return 0;
});
