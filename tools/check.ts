import { readFile } from 'node:fs/promises';
import { printedSchema, schemaMembers } from '@tenure/api';
import { bundleWorkflows } from '@tenure/worker';
import { packagesThatRefuse } from './check/engines.ts';
import { importProblems } from './check/imports/import-problems.ts';
import { ROOMS } from './check/imports/rooms.ts';
import { sourceFiles, workspacesOf } from './check/imports/source-files.ts';
import { regularExpressions } from './check/regular-expressions.ts';
import { digestOf, readKnownLinear, writeKnownLinear } from './check/known-linear.ts';
import { programStep, type Step } from './check/step.ts';
import { superLinear } from './check/super-linear.ts';
import { configurationTexts } from './check/words/configuration-texts.ts';
import { docTexts } from './check/words/doc-texts.ts';
import { findForbidden } from './check/words/find-forbidden.ts';
import { FORBIDDEN_GERMAN_WORDS } from './check/words/forbidden-german-words.ts';
import { literalTexts } from './check/words/literal-texts.ts';
import { mailTexts } from './check/words/mail-texts.ts';
import { observedTexts } from './check/words/observed-texts.ts';
import { pageTexts } from './check/words/page-texts.ts';
import { schemaProblems } from './check/words/schema-problems.ts';
import { placesWithEngines } from './lockfile/engines.ts';
import { packagesWithoutIntegrity } from './lockfile/integrity.ts';
import { readLockfile } from './lockfile/lockfile-file.ts';
import { missingPackages } from './lockfile/missing-packages.ts';
import { root } from './tenure/root.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool, sentence } from './tenure/run-tool.ts';

const schemaFile = new URL('../apps/api/schema.graphql', import.meta.url);
const usage = {
  command: 'npm run check [-- --without-tests]',
  does: 'Checks format, lint, imports, types, lockfile, regular expressions, schema, words and the workflow bundle, and runs the unit tests. Exit code 1: a check fails.',
};
/** False in CI, which runs every test right afterwards. */
const withTests = !process.argv.includes('--without-tests');

const steps: readonly Step[] = [
  programStep('format', 'biome', ['format', '--max-diagnostics=20']),
  programStep('lint', 'biome', ['lint', '--error-on-warnings']),
  { name: 'imports of the rooms', look: lookAtImports },
  programStep('types', 'tsc', ['--noEmit']),
  { name: 'lockfile', look: lookAtLockfile },
  { name: 'packages on this Node', look: lookAtEngines },
  { name: 'regular expressions', look: lookAtExpressions },
  { name: 'schema.graphql', look: lookAtSchema },
  { name: 'words', look: lookAtWords },
  { name: 'workflow bundle', look: lookAtBundle },
  ...(withTests
    ? [
        programStep('unit tests', 'jest', ['--selectProjects=unit', '--silent'], {
          NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        }),
      ]
    : []),
];

// The checks that CI runs first. All run at once, so that one run shows everything and no core is idle.
await runTool(async () => {
  readOptions(usage, { options: { 'without-tests': { type: 'boolean' } } });
  const looks = steps.map(async ({ name, look }) => {
    const begun = Date.now();
    const problem = await look().catch(sentence);
    return { name, problem, seconds: ((Date.now() - begun) / 1000).toFixed(1) };
  });
  let failed = 0;
  for (const look of looks) {
    const { name, problem, seconds } = await look;
    process.stdout.write(problem === null ? `✓ ${name} (${seconds} s)\n` : `✗ ${name} (${seconds} s)\n${problem.replace(/^/gm, '    ')}\n`);
    if (problem !== null) failed += 1;
  }
  process.stdout.write(failed === 0 ? 'All checks pass.\n' : `${failed} of ${steps.length} checks fail.\n`);
  return failed === 0 ? 0 : 1;
});

async function lookAtLockfile(): Promise<string | null> {
  const lockfile = await readLockfile();
  const missing = missingPackages(lockfile).map(({ name }) => name);
  const places = placesWithEngines(lockfile);
  const unproved = packagesWithoutIntegrity(lockfile).map(({ place }) => place);
  const problems = [
    ...(missing.length === 0 ? [] : [`package-lock.json lacks ${missing.join(', ')}: npm run lockfile`]),
    ...(places.length === 0 ? [] : [`package-lock.json has engines of ${places.join(', ')}, which npm ci would compare with the wrong Node: npm run lockfile`]),
    ...(unproved.length === 0 ? [] : [`package-lock.json has no integrity for ${unproved.join(', ')}: npm run lockfile`]),
  ];
  return problems.length === 0 ? null : problems.join('\n');
}

async function lookAtImports(): Promise<string | null> {
  const workspaces = workspacesOf(root);
  const problems = importProblems(sourceFiles(root, workspaces), workspaces, ROOMS);
  return problems.length === 0 ? null : problems.join('\n');
}

async function lookAtEngines(): Promise<string | null> {
  const refusing = await packagesThatRefuse(process.versions.node);
  return refusing.length === 0 ? null : refusing.join('\n');
}

/**
 * Checks that no regular expression takes more than linear time: most get text from outside sooner or later. A developer's run stores its results, to
 * be committed.
 */
async function lookAtExpressions(): Promise<string | null> {
  const problems: string[] = [];
  const known = readKnownLinear();
  const linear = new Set<string>();
  for (const expression of regularExpressions()) {
    const digest = digestOf(expression);
    const problem = known.has(digest) && expression.excuse === null ? null : await superLinear(expression);
    if (problem !== null) problems.push(problem);
    else if (expression.excuse === null) linear.add(digest);
  }
  if (!process.env['CI']) writeKnownLinear(linear);
  return problems.length === 0 ? null : problems.join('\n');
}

/** Checks that texts for clients, people and operators use standard terms, and that a client can be written from the schema alone. */
async function lookAtWords(): Promise<string | null> {
  const problems = [
    ...schemaProblems(schemaMembers(await readFile(schemaFile, 'utf8'))),
    ...findForbidden([...literalTexts(), ...pageTexts(), ...mailTexts('en'), ...observedTexts(), ...configurationTexts(), ...docTexts()]),
    ...findForbidden(mailTexts('de'), FORBIDDEN_GERMAN_WORDS),
  ];
  return problems.length === 0 ? null : problems.join('\n');
}

async function lookAtBundle(): Promise<string | null> {
  const warnings: string[] = [];
  await bundleWorkflows((message) => void warnings.push(message));
  return warnings.length === 0 ? null : warnings.join('\n');
}

async function lookAtSchema(): Promise<string | null> {
  const committed = await readFile(schemaFile, 'utf8');
  return committed === (await printedSchema()) ? null : 'apps/api/schema.graphql is not that of the code: npm run schema';
}
