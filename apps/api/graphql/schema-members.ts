import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';

/** A type, field, argument or enumeration value of a schema. */
export interface SchemaMember {
  /** `Query.cases(first)` */
  readonly place: string;
  readonly name: string;
  readonly description: string | null;
  /** `output`: a field whose value may be null. `input`: an argument or input field that may be absent and has no default. `null`: neither. */
  readonly optional: 'output' | 'input' | null;
}

const roots = ['Query', 'Mutation', 'Subscription'];

/** All members of a schema (SDL), in its order; the three root types are none. */
export function schemaMembers(text: string): readonly SchemaMember[] {
  const types = Object.values(buildSchema(text).getTypeMap()).filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type));
  return types.flatMap((type) => [...(roots.includes(type.name) ? [] : [member(type.name, type, null)]), ...membersOf(type)]);
}

function membersOf(type: GraphQLNamedType): readonly SchemaMember[] {
  if (isEnumType(type)) return type.getValues().map((value) => member(`${type.name}.${value.name}`, value, null));
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => member(`${type.name}.${field.name}`, field, mayBeAbsent(field)));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const place = `${type.name}.${field.name}`;
    const args = field.args.map((argument) => member(`${place}(${argument.name})`, argument, mayBeAbsent(argument)));
    return [member(place, field, isNonNullType(field.type) ? null : 'output'), ...args];
  });
}

function mayBeAbsent({ type, defaultValue }: { readonly type: unknown; readonly defaultValue?: unknown }): 'input' | null {
  return isNonNullType(type) || defaultValue !== undefined ? null : 'input';
}

function member(
  place: string,
  { name, description }: { readonly name: string; readonly description?: string | null | undefined },
  optional: SchemaMember['optional'],
): SchemaMember {
  return { place, name, description: description ?? null, optional };
}
