import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runTool } from '@tenure/tools/tenure/run-tool.ts';
import { runCore } from './core/run-core.ts';
import { runGrowth } from './growth/run-growth.ts';
import { runBounds } from './lives/run-bounds.ts';
import { runLives } from './lives/run-lives.ts';
import { runOverload } from './lives/run-overload.ts';
import { runWave } from './lives/run-wave.ts';
import { runLogins } from './login/run-logins.ts';
import { keepResults, machine, table } from './results.ts';
import type { Row } from './row.ts';
import { type Servers, startServers } from './servers.ts';

const parts: Readonly<Record<string, (servers: Servers) => Promise<readonly Row[]>>> = {
  core: runCore,
  login: runLogins,
  lives: runLives,
  wave: runWave,
  bounds: runBounds,
  overload: runOverload,
  growth: runGrowth,
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

// npm run bench: everything; npm run bench -- --only login: a part of it. Needs nothing but the repository.
await runTool(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const wanted = values.only ?? Object.keys(parts);
  const unknown = wanted.find((name) => parts[name] === undefined);
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}": ${Object.keys(parts).join(', ')}`);
  const servers = await startServers(say);
  try {
    for (const part of wanted) {
      const begun = Date.now();
      const load = loadavg()[0] ?? 0;
      const rows = (await parts[part]?.(servers)) ?? [];
      const seconds = Math.round((Date.now() - begun) / 1000);
      say(`\n${part} (${seconds} s)\n\n${table(rows)}`);
      // Part by part: what comes later may fail.
      await keepResults({ part, at: new Date(begun).toISOString(), machine: machine(load, loadavg()[0] ?? 0), seconds, rows });
    }
  } finally {
    await servers.stop();
  }
  return 0;
});
