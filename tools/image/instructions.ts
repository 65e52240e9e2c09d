/** One line of a Dockerfile, its continuations included. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Reads a Dockerfile that needs no variables and no heredocs. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  return dockerfile
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .split('\\\n')
    .map((part, index) => (index === 0 ? part : part.trimStart()))
    .join('')
    .split('\n')
    .flatMap((line) => {
      const [, name, text] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      return name === undefined || text === undefined ? [] : [{ name, text }];
    });
}
