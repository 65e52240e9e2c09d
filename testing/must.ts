/** The story cannot go on without this. @throws Error with the sentence of what is wrong */
export function must(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
