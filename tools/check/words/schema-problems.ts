import type { SchemaMember } from '@tenure/api';
import { findForbidden, wordsOfName } from './find-forbidden.ts';

/** Gaps of a schema that a developer of a client would stumble on: one line each. */
export function schemaProblems(members: readonly SchemaMember[]): readonly string[] {
  return [
    ...members.flatMap(undescribed),
    ...findForbidden(members.map(({ place, name, description }) => ({ place, text: `${wordsOfName(name)}: ${description ?? ''}` }))),
  ];
}

function undescribed({ place, description, optional }: SchemaMember): readonly string[] {
  if (description === null || description.trim() === '') return [`${place} has no description`];
  if (/^(?:What|Who|Whom|Whose|Which|How|Whether|When|Where|Why)\b/.test(description)) return [`${place}: the description begins with a noun, or with a verb`];
  if (optional === 'output' && !/\bnull: /.test(description)) return [`${place}: the description says when it is null ("null: …")`];
  if (optional === 'input' && !/\b(?:Absent|Default): /.test(description)) return [`${place}: the description says what its absence means ("Absent: …")`];
  return [];
}
