import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { InputInvalid } from '@tenure/domain';
import { unstorableText } from '@tenure/store';
import type { FastifyReply } from 'fastify';
import type { GraphQLResolveInfo } from 'graphql';
import type { Logger } from 'pino';
import { loggerToken } from '../dependencies.ts';
import type { GraphqlContext } from '../context.ts';
import { toGraphqlError } from './to-graphql-error.ts';
import { unstorableArgument } from './unstorable-argument.ts';

/** Codes of requests for another person's objects. Objects that do not exist, are invalid or too late concern no caller in particular. */
const notTheirs: readonly unknown[] = ['FORBIDDEN', 'NOT_YOUR_DECISION', 'OWN_REQUEST', 'UNAUTHENTICATED'];

/** The store refuses a text without knowing where it came from. */
function withPlace(error: unknown, host: ArgumentsHost): unknown {
  if (!(error instanceof InputInvalid) || error.message !== unstorableText) return error;
  const argument = unstorableArgument(host.getArgByIndex<unknown>(1));
  return argument === null ? error : new InputInvalid(`${argument}: ${unstorableText}`, { argument });
}

/** Turns any error of a resolver into one that the caller may see; the log keeps the rest under the same reference. */
@Catch()
export class DomainErrorFilter implements ExceptionFilter {
  constructor(@Inject(loggerToken) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() === 'http' && error instanceof HttpException) {
      void host.switchToHttp().getResponse<FastifyReply>().status(error.getStatus()).type('text/plain').send('There is nothing here.');
      return;
    }
    const context = host.getArgByIndex<GraphqlContext | undefined>(2);
    const reference = context?.correlationId ?? '';
    const shown = toGraphqlError(withPlace(error, host), reference);
    const { code } = shown.extensions;
    const info = host.getArgByIndex<GraphQLResolveInfo | undefined>(3);
    if (notTheirs.includes(code)) context?.refuse(String(code), info === undefined ? null : `${info.parentType.name}.${info.fieldName}`);
    if (code === 'INTERNAL') this.logger.error({ err: error, reference }, 'a resolver failed');
    throw shown;
  }
}
