import { globSync, readFileSync } from 'node:fs';
import { root } from '../../tenure/root.ts';
import { type ReadText, wordsOfName } from './find-forbidden.ts';

/** Keys of the configuration, and comments of the files that a first start writes and that the demo runs by. Descriptions of keys are literals. */
export function configurationTexts(): readonly ReadText[] {
  const schemas = globSync('docs/schema/*.json', { cwd: root });
  const files = globSync(['libs/config/starter/**/*.yaml', 'demo/configuration/**/*.yaml'], { cwd: root });
  const read = (file: string): string => readFileSync(`${root}/${file}`, 'utf8');
  return [...schemas.sort().flatMap((file) => [...keysOf(JSON.parse(read(file)), file)]), ...files.sort().flatMap((file) => commentsIn(file, read(file)))];
}

/** Names of `properties` at any depth. @param schema JSON Schema */
export function* keysOf(schema: unknown, at: string): Generator<ReadText> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [name, inner] of Object.entries(schema)) {
    if (name === 'properties') for (const key of Object.keys(inner as object)) yield { place: `${at}.${key}`, text: wordsOfName(key) };
    yield* keysOf(inner, name === 'properties' ? at : `${at}.${name}`);
  }
}

/** Comments of a file: text after a # at the beginning of a line or after a space. @param text YAML */
export function commentsIn(file: string, text: string): readonly ReadText[] {
  return text.split('\n').flatMap((line, index) => {
    const [, comment] = /(?:^|\s)#(.*)$/.exec(line) ?? []; // super-linear: a line of our own
    return comment === undefined ? [] : [{ place: `${file}:${index + 1}`, text: comment }];
  });
}
