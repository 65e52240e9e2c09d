import { Extensions } from '@nestjs/graphql';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { queryInvalid } from './errors/to-graphql-error.ts';
import { mostOnPage } from '../graphql/connection.ts';

/** Limits of one request. */
export const limits = {
  /** Fields within fields. Introspection, which recurses by nature, has its own. */
  depth: 12,
  introspectionDepth: 20,
  /** Values in the answer, counted beforehand as if every list were full. */
  cost: 50_000,
  /** A field that changes something. */
  mutationCost: 2_000,
  /** Length that is assumed of lists without a usual length. */
  assumedLength: 10,
  /** Assumed length of lists in introspection, which are short on the whole; the query that every tool sends has to be allowed. */
  assumedIntrospectionLength: 7,
  /** Words and signs in a query. */
  tokens: 2_000,
  /** Bytes of a request. */
  body: 1_048_576,
  /** Bytes of a message of a WebSocket: it is parsed before anything can be counted. */
  message: 131_072,
} as const;

const usualLengthKey = 'tenure:usualLength';

/** Marks a list as shorter than lists usually are: objects that people look at together have to fit into one query. */
export const UsualLength = (length: number): PropertyDecorator => Extensions({ [usualLengthKey]: length });

/** Refuses a query that would cost too much, before it is executed. @throws GraphQLError */
export function checkLimits(schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>> = {}): void {
  const operations = document.definitions.filter((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) throw refusal('a request carries exactly one operation');
  const fragments = new Map(document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])));
  let cost = 0;
  let steps = 0;
  const charge = (amount: number): void => {
    cost += amount;
    steps += 1;
    if (cost > limits.cost || steps > limits.cost) throw refusal(`the query costs more than ${limits.cost}: ask for fewer fields or shorter lists`);
  };
  const walk = (selections: SelectionSetNode, typeName: string | undefined, depth: number, times: number, isIntrospection: boolean): void => {
    if (depth > (isIntrospection ? limits.introspectionDepth : limits.depth)) throw refusal(`the query is nested deeper than ${limits.depth}`);
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        const field = fieldOf(schema, typeName, selection);
        charge(times * (operation.operation === 'mutation' && depth === 1 ? limits.mutationCost : 1));
        const inside = isIntrospection || selection.name.value.startsWith('__');
        if (selection.selectionSet)
          walk(
            selection.selectionSet,
            field && getNamedType(field.type).name,
            depth + 1,
            times * lengthOf(field, typeName, selection, variables, inside ? limits.assumedIntrospectionLength : limits.assumedLength),
            inside,
          );
      } else {
        charge(0);
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (inner) walk(inner.selectionSet, conditionOf(inner) ?? typeName, depth, times, isIntrospection);
      }
    }
  };
  walk(operation.selectionSet, schema.getRootType(operation.operation)?.name, 1, 1, false);
}

function conditionOf(fragment: { readonly typeCondition?: FragmentDefinitionNode['typeCondition'] | undefined }): string | undefined {
  return fragment.typeCondition?.name.value;
}

function fieldOf(schema: GraphQLSchema, typeName: string | undefined, { name }: FieldNode): GraphQLField<unknown, unknown> | undefined {
  // Introspection's own are fields of no type.
  if (typeName !== undefined && name.value === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (typeName !== undefined && name.value === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  const type = typeName === undefined ? undefined : schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[name.value] : undefined;
}

/** Number of times that the selection inside is resolved. A page's length counts at the page, not again at its edges. */
function lengthOf(
  field: GraphQLField<unknown, unknown> | undefined,
  typeName: string | undefined,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
  assumed: number,
): number {
  const first = field?.args.find(({ name }) => name === 'first');
  if (first !== undefined) {
    const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    const value =
      given === undefined
        ? first.defaultValue
        : given.kind === Kind.VARIABLE
          ? (variables[given.name.value] ?? mostOnPage)
          : given.kind === Kind.INT
            ? Number(given.value)
            : mostOnPage;
    return Math.min(Math.max(Number(value) || mostOnPage, 1), mostOnPage);
  }
  if (field === undefined || typeName?.endsWith('Connection')) return 1;
  const type = isNonNullType(field.type) ? field.type.ofType : field.type;
  const usual = field.extensions[usualLengthKey];
  return isListType(type) ? (typeof usual === 'number' ? usual : assumed) : 1;
}

function refusal(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: queryInvalid } });
}
