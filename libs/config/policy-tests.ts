import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationInvalid, type ConfigurationProblem, type LifecycleState, pathText, type UserType } from '@tenure/domain';
import { validateSchema } from './schema/validate.ts';
import { parseYamlFile } from './yaml-file.ts';

/** One person from a file under policy/tests/, with the access that the policy must grant. */
export interface PolicyTest {
  /** Path of the file below the configuration's directory. */
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly now: string;
  readonly userType?: UserType;
  readonly records: readonly {
    readonly source: string;
    readonly status?: 'active' | 'ended';
    readonly endedAt?: string;
    readonly facts?: Readonly<Record<string, unknown>>;
    readonly groups?: readonly string[];
  }[];
  readonly expect: {
    readonly state?: LifecycleState;
    readonly has?: readonly string[];
    readonly hasNot?: readonly string[];
    readonly exactly?: readonly string[];
    readonly until?: Readonly<Record<string, string>>;
  };
}

/**
 * Reads policy/tests/*.yaml of a configuration's directory.
 * @returns an empty list if there is no such folder
 * @throws ConfigurationInvalid with all problems, by file, line and field
 */
export async function loadPolicyTests(directory: string): Promise<readonly PolicyTest[]> {
  const folder = join(directory, 'policy', 'tests');
  const files = (await readdir(folder).catch((): string[] => [])).filter((name) => /\.ya?ml$/.test(name)).sort();
  const problems: ConfigurationProblem[] = [];
  const tests: PolicyTest[] = [];
  for (const name of files) {
    const file = parseYamlFile(`policy/tests/${name}`, await readFile(join(folder, name), 'utf8'));
    problems.push(...file.errors.map((error) => ({ file: file.name, line: error.line, column: error.column, field: '', message: error.message })));
    const found = file.errors.length > 0 ? [] : validateSchema('tests', file.value);
    problems.push(...found.map((problem) => ({ file: file.name, ...file.locate(problem), field: pathText(problem.path), message: problem.message })));
    if (file.errors.length + found.length > 0) continue;
    const { people } = file.value as { readonly people: readonly Omit<PolicyTest, 'file' | 'line'>[] };
    tests.push(...people.map((test, index) => ({ ...test, file: file.name, line: file.locate({ path: ['people', index] }).line })));
  }
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return tests;
}
