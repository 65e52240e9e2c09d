/** One line of a Dockerfile, its continuations included. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Reads a Dockerfile that needs no variables and no heredocs. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  return dockerfile
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => {
      const [, name, text] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      return name === undefined || text === undefined ? [] : [{ name, text }];
    });
}
