import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// npm run test:random: every test that draws by chance, TEST_ROUNDS times, each time with another seed; ends at the first that fails. CI plays
// one seed only, so this is for before a release. The simulations have long forms of their own (test:calendar, test:faults).
const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.env.TEST_ROUNDS ?? 10);
const files = globSync('**/*.test.ts', { cwd: root, exclude: (name) => ['node_modules', 'dist', '.tenure'].includes(name) })
  .filter((file) => !file.startsWith('simulations/'))
  .filter((file) => /from 'fast-check'|\bgetSeed\(\)/.test(readFileSync(`${root}${file}`, 'utf8')));

for (let round = 1; round <= rounds; round += 1) {
  const seed = randomInt(2 ** 31);
  process.stdout.write(`Round ${round} of ${rounds}, ${files.length} files: npm test -- --seed=${seed} plays it again\n`);
  const { status } = spawnSync('jest', [`--seed=${seed}`, '--runTestsByPath', ...process.argv.slice(2), ...files], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
