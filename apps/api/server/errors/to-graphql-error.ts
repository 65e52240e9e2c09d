import { DomainError } from '@tenure/domain';
import { GraphQLError } from 'graphql';
import { argumentOf } from './argument-of.ts';
import { withoutValue } from './without-value.ts';

/** Codes that are not of the domain: the query itself is wrong. */
export const queryInvalid = 'GRAPHQL_VALIDATION_FAILED';

/**
 * Error as a caller sees it: ours with code, message and details, anything else only as a reference to the log.
 * @param reference the correlation id under which the log has it
 */
export function toGraphqlError(error: unknown, reference: string): GraphQLError {
  if (error instanceof GraphQLError && typeof error.extensions?.['code'] === 'string') return error;
  const cause = error instanceof GraphQLError ? error.originalError : error;
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  if (cause instanceof DomainError) {
    const argument = error instanceof GraphQLError && error.path === undefined ? argumentOf(error) : null;
    const message = argument === null ? cause.message : `${argument}: ${cause.message}`;
    return new GraphQLError(message, { ...place, extensions: { code: cause.code, details: cause.details, ...(cause.retryable ? { retryable: true } : {}) } });
  }
  // The text around an invalid value shows its place.
  const isOfVariable = error instanceof GraphQLError && error.message.startsWith('Variable "$');
  if (cause instanceof GraphQLError && !(isOfVariable && cause.extensions['code'] === undefined)) return toGraphqlError(cause, reference);
  if (isRefusedRequest(cause)) return new GraphQLError(cause.message, { extensions: { code: cause.statusCode === 429 ? 'RATE_LIMITED' : 'INPUT_INVALID' } });
  // Errors of the query come without a path: nothing was executed yet.
  if (error instanceof GraphQLError && (cause == null || isOfVariable) && error.path === undefined) {
    const argument = isOfVariable ? null : argumentOf(error);
    return new GraphQLError(`${argument === null ? '' : `${argument}: `}${withoutValue(error)}`, {
      nodes: error.nodes ?? null,
      source: error.source ?? null,
      positions: error.positions ?? null,
      extensions: { code: queryInvalid },
    });
  }
  return new GraphQLError('internal error', { ...place, extensions: { code: 'INTERNAL', reference } });
}

/** Errors of the web server itself: a body that is too long or no JSON, a method. Its messages name no data. */
function isRefusedRequest(error: unknown): error is Error & { statusCode: number } {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode < 500 && /^(FST|MER)_/.test(String(error.code));
}
