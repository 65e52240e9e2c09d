import type { ErrorCode } from '@tenure/domain';
import type { FastifyReply } from 'fastify';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { GraphqlContext } from '../context.ts';
import { queryInvalid, toGraphqlError } from './to-graphql-error.ts';

const statusOfCode: Readonly<Partial<Record<ErrorCode | typeof queryInvalid, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  DATABASE_UNAVAILABLE: 503,
};

/** Seconds after which a caller may try again (Retry-After, RFC 9110 section 10.2.3). */
export const retryAfter = '5';

export interface FormattedErrors {
  readonly statusCode: number;
  readonly response: ExecutionResult;
}

/** Mercurius puts the answer of Fastify beside our context. */
export interface HasReply {
  readonly reply?: Pick<FastifyReply, 'header'>;
}

/**
 * Formats all errors of answers, in one place. A query that was not executed at all gets an HTTP status; an executed query is 200 (GraphQL over
 * HTTP), unless the database was away for all of it.
 */
export function formatErrors(
  execution: ExecutionResult & { readonly errors: readonly GraphQLError[] },
  { correlationId: reference = '', caller = null, refuse, reply }: Partial<Pick<GraphqlContext, 'correlationId' | 'caller' | 'refuse'>> & HasReply,
  logger: Logger,
): FormattedErrors {
  const errors = execution.errors.flatMap(unpacked).map((error) => {
    const shown = toGraphqlError(error, reference);
    if (shown.extensions['code'] === 'INTERNAL' && error.extensions?.['code'] !== 'INTERNAL')
      logger.error({ err: error.originalError ?? error, reference }, 'a request failed');
    return shown;
  });
  const wasExecuted = errors.some(({ path }) => path !== undefined) || execution.data != null;
  // Not a query, or one that costs too much: a known caller who sends one is either mistaken or attacking.
  if (!wasExecuted && caller !== null && errors[0]?.extensions['code'] === queryInvalid) refuse?.(queryInvalid, null);
  const isAway = execution.data == null && errors[0]?.extensions['code'] === 'DATABASE_UNAVAILABLE';
  // On a socket there is an answer without headers.
  if (isAway) reply?.header('retry-after', retryAfter);
  return {
    statusCode: isAway ? 503 : wasExecuted ? 200 : statusOf(errors[0], execution.errors[0]),
    response: { data: execution.data ?? null, errors: errors.map((error) => error.toJSON()) as unknown as GraphQLError[] },
  };
}

/** Mercurius gathers the errors of a query in one of its own. */
function unpacked(error: GraphQLError): readonly GraphQLError[] {
  const gathered: unknown = error.originalError !== undefined && 'errors' in error.originalError ? error.originalError.errors : undefined;
  if (!Array.isArray(gathered)) return [error];
  return gathered.map((one) =>
    one instanceof GraphQLError
      ? one
      : new GraphQLError(one instanceof Error ? one.message : 'the request is not valid', { extensions: { code: queryInvalid } }),
  );
}

function statusOf(shown: GraphQLError | undefined, original: GraphQLError | undefined): number {
  const cause = original?.originalError;
  if (cause !== undefined && 'statusCode' in cause && typeof cause.statusCode === 'number' && cause.statusCode >= 400 && cause.statusCode < 500)
    return cause.statusCode;
  return statusOfCode[shown?.extensions['code'] as ErrorCode] ?? 400;
}
