import type { LocatedProblem } from './yaml-file.ts';

/**
 * Returns a file's value without the parts that its schema refuses: a broken setting, or the whole named thing or rule that contains it. One
 * mistake therefore does not hide the others.
 */
export function withoutBroken(value: unknown, problems: readonly LocatedProblem[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const broken = (...path: readonly (string | number)[]): boolean =>
    problems.some((problem) =>
      problem.path.length <= 2
        ? problem.path.length === path.length && path.every((step, index) => step === problem.path[index])
        : path.length === 2 && path.every((step, index) => step === problem.path[index]),
    );
  const sections = Object.entries(value).filter(([section]) => !broken(section));
  return Object.fromEntries(
    sections.map(([section, content]): [string, unknown] => {
      if (Array.isArray(content)) return [section, content.filter((_, index) => !broken(section, index))];
      if (typeof content !== 'object' || content === null) return [section, content];
      return [section, Object.fromEntries(Object.entries(content).filter(([name]) => !broken(section, name)))];
    }),
  );
}
