import { InputInvalid, parseInstant } from '@tenure/domain';
import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

function readInstant(value: unknown): string {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  if (instant === null) throw new InputInvalid('an Instant is an RFC 3339 text with a zone, such as 2026-03-01T00:00:00Z');
  return instant;
}

/** Instant as RFC 3339; results are in UTC with milliseconds. */
export const InstantScalar = new GraphQLScalarType<string, string>({
  name: 'Instant',
  description: 'Instant as RFC 3339. Answers are in UTC with milliseconds: 2026-03-01T00:00:00.000Z.',
  serialize: (value) => value as string,
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(node.kind === Kind.STRING ? node.value : null),
});

/** A value whose shape depends on the configuration, such as an attribute. */
export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value. Used where the configuration or the kind of an object determines the shape.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});
