import { DomainError } from '../errors.ts';

/** One thing that is wrong in a policy document; `path` leads to it: `['birthright', 2, 'when']`. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A policy that does not hold together. All problems at once, so that they are mended in one go. */
export class PolicyInvalid extends DomainError {
  readonly code = 'POLICY_INVALID';
  readonly problems: readonly PolicyProblem[];
  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** A path as people write it: `birthright[2].when`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
