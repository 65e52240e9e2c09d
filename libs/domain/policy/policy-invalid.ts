import { DomainError } from '../errors.ts';

/** One problem in a policy document, at a path such as `['birthright', 2, 'when']`. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Error of an inconsistent policy, with all problems at once, so that they can be fixed together. */
export class PolicyInvalid extends DomainError {
  readonly code = 'POLICY_INVALID';
  readonly problems: readonly PolicyProblem[];
  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** A path as text, such as `birthright[2].when`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
