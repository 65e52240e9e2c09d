import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type AttributeSchema,
  checkPolicy,
  ConfigurationInvalid,
  type ConfigurationProblem,
  pathText,
  type PolicyDocument,
  TENURE_TARGET,
} from '@tenure/domain';
import { checkSecrets } from './check-secrets.ts';
import { checkTenure, sourceNames } from './check-tenure.ts';
import type { Configuration } from './configuration.ts';
import { errorCode } from './error-code.ts';
import { type Environment, fillReferences } from './environment-references.ts';
import type { RawTenure } from './raw-tenure.ts';
import { mergePolicy, type PolicyPart } from './read-policy.ts';
import { readTenure } from './read-tenure.ts';
import { MOST_PROBLEMS, validateSchema } from './schema/validate.ts';
import { withSecretFiles } from './secret-files.ts';
import { type Settings, settingsFrom } from './settings.ts';
import { withKeysOfToday } from './settings-keys.ts';
import { withoutBroken } from './without-broken.ts';
import { type LocatedProblem, parseYamlFile, type YamlFile } from './yaml-file.ts';

/**
 * Reads tenure.yaml and policy/*.yaml of a directory, once, at start.
 * @param environment variables for `${env:NAME}`; nothing else is read from it
 * @param standIn value used for variables that are not set; settings that contain it are not checked. Absent: each such variable is a problem
 * @throws ConfigurationInvalid with all problems, by file, line and field
 */
export async function loadConfiguration(input: {
  readonly directory: string;
  readonly environment: Environment;
  readonly standIn?: string;
}): Promise<Configuration> {
  const directory = resolve(input.directory);
  const references = { ...input, environment: await withSecretFiles(input.environment) };
  const problems: ConfigurationProblem[] = [];
  const tenure = readPart(await readYaml(directory, 'tenure.yaml'), 'tenure', references, problems);
  const files = await policyFiles(directory, problems);
  const parts: Part[] = [];
  for (const file of files) parts.push(readPart(await readYaml(directory, file), 'policy', references, problems));

  const raw = { url: '', ...(tenure.value as object | null) } as RawTenure;
  const isUnsure = [tenure, ...parts].some((part) => part.isBroken([]) || NAMED.some((section) => part.isBroken([section])));
  const isMeant = ({ message }: { readonly message: string }): boolean => !isUnsure || !message.startsWith('there is no ');
  if (!tenure.isBroken([])) problems.push(...tenure.report(checkTenure(raw).filter(isMeant)));
  const targets = raw.targets ?? {};
  const names: Names = {
    attributes: raw.attributes ?? {},
    targets: [...Object.keys(targets), ...Object.keys(raw.applications ?? {})],
    caseless: caselessOf(targets),
    sources: sourceNames(raw),
  };
  const document = checkMerged(parts, names, tenure, problems, isMeant);
  if (problems.length > 0) throw new ConfigurationInvalid(sorted(problems));
  return { ...readTenure(raw, directory), policy: document, settings: settingsFrom(tenure.file.value) };
}

/** A stored configuration version, with the directory and environment of the process that reads it. */
export interface StoredConfiguration {
  readonly version: number;
  readonly settings: Settings;
  readonly policy: PolicyDocument;
  /** Folder, absolute, to which file paths in the settings are relative. */
  readonly directory: string;
  readonly environment: Environment;
  /** Value used for variables that are not set, as in `loadConfiguration`. */
  readonly standIn?: string;
}

/**
 * Reads a stored version as its files would be read at start, with the secrets of this process.
 * @throws ConfigurationInvalid with every variable that this process lacks, and every setting that this release does not allow
 */
export async function configurationOf({ version, settings, policy, directory, environment, ...more }: StoredConfiguration): Promise<Configuration> {
  const problems: ConfigurationProblem[] = [];
  const file: YamlFile = {
    name: `configuration version ${version}`,
    value: withKeysOfToday(settings.document),
    errors: [],
    locate: () => ({ line: 0, column: 0 }),
  };
  const tenure = readPart(file, 'tenure', { ...more, environment: await withSecretFiles(environment) }, problems);
  const raw = { url: '', ...(tenure.value as object | null) } as RawTenure;
  if (!tenure.isBroken([])) problems.push(...tenure.report(checkTenure(raw)));
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return { ...readTenure(raw, directory), policy, settings };
}

/** A file of policy/ given as text. */
export interface PolicyFile {
  /** File name, such as `access.yaml`. */
  readonly name: string;
  readonly content: string;
}

/**
 * Reads policy files beside the tenure.yaml of a configuration, as they would be read at start. References find no environment variables.
 * @throws ConfigurationInvalid with all problems, by file, line and field
 */
export function readPolicyFiles(
  { attributes, targets, applications, sources, identityProviders }: Configuration,
  files: readonly PolicyFile[],
): PolicyDocument {
  const problems: ConfigurationProblem[] = [];
  const inOrder = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const parts = inOrder.map(({ name, content }) => readPart(parseYamlFile(`policy/${name}`, content), 'policy', { environment: {} }, problems));
  const first = parts[0];
  if (first === undefined) throw new ConfigurationInvalid([{ file: 'policy', line: 1, column: 1, field: '', message: 'there is no file' }]);
  const isUnsure = parts.some((part) => part.isBroken([]) || NAMED.some((section) => part.isBroken([section])));
  const named = [...Object.keys(sources), ...Object.keys(identityProviders)];
  const names: Names = { attributes, targets: [...Object.keys(targets), ...Object.keys(applications)], caseless: caselessOf(targets), sources: named };
  const document = checkMerged(parts, names, first, problems, ({ message }) => !isUnsure || !message.startsWith('there is no '));
  if (problems.length > 0) throw new ConfigurationInvalid(sorted(problems));
  return document;
}

/** Names to which policy files may refer. */
interface Names {
  readonly attributes: AttributeSchema;
  /** Targets and applications: an entitlement is of one of them. */
  readonly targets: readonly string[];
  /** Targets that compare names of groups without case. */
  readonly caseless: readonly string[];
  readonly sources: readonly string[];
}

/**
 * Returns the names of LDAP targets, which compare groups without case (caseIgnoreMatch of cn, RFC 4519 section 2.3). SCIM servers may have groups
 * that differ by case alone, and in a database it depends on the columns.
 */
function caselessOf(targets: Readonly<Record<string, { readonly kind?: string }>>): readonly string[] {
  return Object.keys(targets).filter((name) => targets[name]?.kind === 'ldap');
}

/** Sections to whose names other settings refer. If something in them is broken and left out, references to it would look wrong too. */
const NAMED = ['attributes', 'targets', 'applications', 'sources', 'identityProviders', 'entitlements', 'roles', 'calendars'];

/** A file with its references filled in and its broken settings removed, so that the rest can be checked. */
interface Part extends PolicyPart {
  /** True if something at or below this path is broken, so that references to missing names there are not the fault of the reference. */
  isBroken(path: readonly string[]): boolean;
  /** Returns them as problems of this file, without those at settings that are already reported. */
  report(problems: readonly LocatedProblem[]): ConfigurationProblem[];
}

interface References {
  readonly environment: Environment;
  readonly standIn?: string;
}

function readPart(file: YamlFile, kind: 'tenure' | 'policy', { environment, standIn }: References, problems: ConfigurationProblem[]): Part {
  problems.push(...file.errors.map((error) => ({ file: file.name, line: error.line, column: error.column, field: '', message: error.message })));
  const structural = file.errors.length > 0 ? [] : validateSchema(kind, file.value);
  const filled = fillReferences(file.value, environment, standIn);
  const known = [...structural, ...filled.problems, ...checkSecrets(file.value).filter(({ path }) => !structural.some((other) => same(other.path, path)))];
  const report = (found: readonly LocatedProblem[]): ConfigurationProblem[] =>
    found.map((problem) => ({ file: file.name, ...file.locate(problem), field: pathText(problem.path), message: problem.message }));
  problems.push(...report(known.filter((problem) => standIn === undefined || !filled.unset.includes(problem))));
  return {
    file,
    value: structural.some(({ path }) => path.length === 0) ? null : withoutBroken(filled.value, structural),
    isBroken: (path) =>
      file.errors.length > 0 ||
      structural.some((problem) => (path.length === 0 ? problem.path.length === 0 : path.every((step, index) => problem.path[index] === step))),
    report: (found) => report(found.filter(({ path }) => !known.some((other) => same(other.path, path)))),
  };
}

function same(a: LocatedProblem['path'], b: LocatedProblem['path']): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

/** Checks the merged policy files. */
function checkMerged(
  parts: readonly Part[],
  names: Names,
  tenure: Part,
  problems: ConfigurationProblem[],
  isMeant: (problem: { readonly message: string }) => boolean,
): Configuration['policy'] {
  const merged = mergePolicy(parts, names.attributes);
  for (const { file, path, at, message } of merged.problems)
    problems.push({ file: file.name, ...file.locate(at === undefined ? { path } : { path, at }), field: pathText(path), message });
  const known = { targets: names.targets.filter((name) => name !== TENURE_TARGET), caseless: names.caseless, sources: names.sources };
  for (const { path, message } of checkPolicy(merged.document, known).filter(isMeant).slice(0, MOST_PROBLEMS)) {
    const place = merged.place(path);
    const part = parts.find(({ file }) => file === place?.file) ?? tenure;
    problems.push(...part.report([{ path: place?.path ?? path, message, ...(path[0] === 'attributes' && path.length === 2 ? { at: 'key' as const } : {}) }]));
  }
  return merged.document;
}

async function readYaml(directory: string, name: string): Promise<YamlFile> {
  try {
    return parseYamlFile(name, await readFile(join(directory, name), 'utf8'));
  } catch (error) {
    throw new ConfigurationInvalid([{ file: name, line: 1, column: 1, field: '', message: `cannot be read in ${directory} (${reason(error)})` }]);
  }
}

/** Policy files in the order of their names, which is the order of their rules. */
async function policyFiles(directory: string, problems: ConfigurationProblem[]): Promise<string[]> {
  const names = await readdir(join(directory, 'policy')).catch((): string[] => []);
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  if (files.length === 0) problems.push({ file: 'policy', line: 1, column: 1, field: '', message: `there is no policy/*.yaml in ${directory}` });
  return files.map((name) => `policy/${name}`);
}

function reason(error: unknown): string {
  const code = errorCode(error);
  return code === 'ENOENT' ? 'there is no such file' : (code ?? 'unreadable');
}

function sorted(problems: readonly ConfigurationProblem[]): ConfigurationProblem[] {
  const order = ({ file }: ConfigurationProblem): string => (file === 'tenure.yaml' ? '' : file);
  return problems.toSorted((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : a.line - b.line || a.column - b.column));
}
