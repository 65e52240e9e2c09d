/** Checks a condition without which the story cannot continue. @throws Error with the sentence about the problem */
export function must(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
