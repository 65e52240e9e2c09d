import { TypeMetadataStorage } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';

/**
 * Error message about a query or a value, without the value: clients keep these messages, and it may be personal data.
 * Of the text around a value only its known beginning and end are read, so its length costs nothing.
 */
export function withoutValue({ message, originalError }: GraphQLError): string {
  const variable = message.slice(0, 300).match(/^Variable "\$(\w{1,200})" got invalid value /)?.[1];
  if (variable === undefined) return withChoices(ofScalar(message));
  const reason = originalError instanceof GraphQLError ? originalError.message : null;
  const place = reason === null ? null : placeBefore(message.slice(0, -reason.length));
  return withChoices(`Variable "$${variable}" got an invalid value${place ?? ''}${reason === null ? ofCompiled(message) : `; ${ofScalar(reason)}`}`);
}

/** End of the text that graphql-js puts in front of the reason: ` at "input.records[0].externalId"; `. */
function placeBefore(text: string): string | null {
  const at = text.lastIndexOf(' at "');
  return at < 0 ? null : (/^ at "[\w.[\]]{1,300}"(?=; $)/.exec(text.slice(at))?.[0] ?? null);
}

/** A reason in graphql-js's words, which end in the value. */
function ofScalar(reason: string): string {
  const cannot = /^(?:\w{1,200}|Enum "\w{1,200}") cannot represent [\w -]{1,60}(?=:)/.exec(reason)?.[0];
  if (cannot !== undefined) return cannot;
  const expected = /^Expected value of type "[^"]{1,300}"(?=, found )/.exec(reason)?.[0];
  if (expected !== undefined) return expected;
  const missing = reason.startsWith('Value "') ? reason.lastIndexOf('" does not exist in "') : -1;
  return missing < 0 ? reason : `A value${reason.slice(missing + 1)}`;
}

const scalarReasons: readonly string[] = [
  'Expected type String; String cannot represent a non string value',
  'Expected type ID; ID cannot represent value',
  'Expected type Int; Int cannot represent non 32-bit signed integer value',
  'Expected type Int; Int cannot represent non-integer value',
  'Expected type Float; Float cannot represent non numeric value',
  'Expected type Boolean; Boolean cannot represent a non boolean value',
];

/** The reason in the words of a compiled query, which has no other trace of it than its text. */
function ofCompiled(message: string): string {
  const scalar = scalarReasons.find((one) => message.includes(`; ${one}: `));
  if (scalar !== undefined) return `; ${scalar}`;
  const end = message.slice(message.lastIndexOf('; '));
  return /^; (?:Expected [\w.![\] ]{1,400}|Field (?:"\w{1,200}" is not defined by|[\w.[\]]{1,200} of required) type [\w![\] ]{1,300})\.$/.test(end) ? end : '';
}

function withChoices(message: string): string {
  const name = /does not exist in "(\w{1,200})" enum|; Expected type (\w{1,200})\.$/.exec(message)?.slice(1).find(Boolean);
  const { ref } = TypeMetadataStorage.getEnumsMetadata().find((one) => one.name === name) ?? {};
  return ref === undefined ? message : `${message} It takes one of: ${Object.keys(ref).join(', ')}.`;
}
