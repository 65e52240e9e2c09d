import { readFileSync } from 'node:fs';

/** A person who can log in at a demo identity provider. */
export interface Person {
  /** The login name, also shown on the login page. */
  readonly name: string;
  /** Immutable and opaque id; the name where it is left out. */
  readonly subject?: string;
  /** Attributes that the provider states about the person. Absent: not stated. An empty list: stated as "none". */
  readonly attributes: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** People in a JSON file (`{"people": [...]}`), or by a function in tests. Read again at each login, so that people can move. */
export type People = string | (() => readonly Person[]);

/** People who can log in at this moment. */
export function listPeople(people: People): readonly Person[] {
  if (typeof people === 'function') return people();
  const content = JSON.parse(readFileSync(people, 'utf8')) as { readonly people: readonly Person[] };
  return content.people;
}

export function findPerson(people: People, name: string): Person | undefined {
  return listPeople(people).find((person) => person.name === name);
}
