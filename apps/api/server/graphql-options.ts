import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { Unauthenticated } from '@tenure/domain';
import type { FastifyInstance } from 'fastify';
import { type DocumentNode, GraphQLError, type GraphQLSchema, specifiedRules, validate } from 'graphql';
import type { Authenticate } from '@tenure/engine/callers';
import type { Refusals } from '../access/refusals.ts';
import type { ApiDependencies } from './dependencies.ts';
import { formatErrors, type HasReply } from './errors/format-errors.ts';
import { queryInvalid, toGraphqlError } from './errors/to-graphql-error.ts';
import type { GraphqlContext } from './context.ts';
import { checkLimits, limits } from './limits.ts';
import { contextOfRequest, requestLimits } from './request-context.ts';
import { socketOptions } from './subscriptions/socket-context.ts';

type Sees = Partial<Pick<GraphqlContext, 'caller' | 'correlationId' | 'refused' | 'refuse'>> & HasReply;

/** Options of Mercurius: GraphQL closed to strangers, bounded, and with our errors. */
export function graphqlOptions(dependencies: ApiDependencies, authenticate: Authenticate, fastify: FastifyInstance, refusals: Refusals): MercuriusDriverConfig {
  const limit = requestLimits(fastify);
  return {
    driver: MercuriusDriver,
    path: '/graphql',
    autoSchemaFile: true,
    sortSchema: true,
    buildSchemaOptions: { numberScalarMode: 'integer' },
    fieldResolverEnhancers: ['guards', 'filters'],
    // A caller without access is refused before their query is read; so this is for known callers.
    introspection: true,
    graphiql: false,
    allowBatchedQueries: false,
    jit: 1,
    cache: 500,
    graphql: { parseOptions: { maxTokens: limits.tokens }, validateOptions: { maxErrors: 10 } },
    additionalRouteOptions: { bodyLimit: limits.body },
    context: contextOfRequest(dependencies, authenticate, limit, refusals),
    errorFormatter: (execution, context) => formatErrors(execution, context as Sees, dependencies.logger),
    subscription: socketOptions(dependencies, authenticate, limit, refusals) as unknown as Exclude<MercuriusDriverConfig['subscription'], boolean | undefined>,
    ...({ hooks: hooks() } as unknown as Pick<MercuriusDriverConfig, 'hooks'>),
  };
}

/** Hooks, which Mercurius types for its own context; ours is the result of `context` above. */
function hooks(): Readonly<Record<string, unknown>> {
  return {
    preParsing: (_schema: GraphQLSchema, source: string, context: Sees) => {
      if (context.refused != null) throw context.refused;
      mustBeKnown(context);
      // Mercurius would take a syntax tree in JSON too, past the limit on words.
      if (/^\s*\{\s*"/.test(source)) throw new GraphQLError('the query has to be GraphQL', { extensions: { code: queryInvalid } });
    },
    preExecution: (schema: GraphQLSchema, document: DocumentNode, _context: Sees, variables: Readonly<Record<string, unknown>> | undefined) =>
      checkLimits(schema, document, variables ?? {}),
    preSubscriptionExecution: (schema: GraphQLSchema, document: DocumentNode, context: Sees) => {
      mustBeKnown(context);
      try {
        mustBeShort(document);
        checkLimits(schema, document);
        const [error] = validate(schema, document, specifiedRules, { maxErrors: 1 });
        if (error !== undefined) throw toGraphqlError(error, '');
      } catch (error) {
        context.refuse?.(queryInvalid, null);
        throw error;
      }
    },
  };
}

/** Limits the tokens of a query that comes by POST, as `maxTokens` does. Runs before validation, whose time grows faster than the text. */
function mustBeShort({ loc }: DocumentNode): void {
  let count = 0;
  // A syntax tree in JSON comes without its text.
  for (let token = loc?.startToken ?? null; token !== null && count <= limits.tokens; token = token.next) count += 1;
  if (loc === undefined) throw new GraphQLError('the query has to be GraphQL', { extensions: { code: queryInvalid } });
  if (count > limits.tokens) throw new GraphQLError(`the query has more than ${limits.tokens} words`, { extensions: { code: queryInvalid } });
}

function mustBeKnown({ caller }: Sees): void {
  if (caller == null) throw toGraphqlError(new Unauthenticated('a valid session or service token is needed: authorization: Bearer …'), '');
}
