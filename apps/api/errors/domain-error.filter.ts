import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { loggerToken } from '../dependencies.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import { toGraphqlError } from './to-graphql-error.ts';

/** Turns whatever a resolver throws into what the caller may see; the log keeps the rest under the same reference. */
@Catch()
export class DomainErrorFilter implements ExceptionFilter {
  constructor(@Inject(loggerToken) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() === 'http' && error instanceof HttpException) {
      void host.switchToHttp().getResponse<FastifyReply>().status(error.getStatus()).type('text/plain').send('There is nothing here.');
      return;
    }
    const reference = host.getArgByIndex<GraphqlContext>(2)?.correlationId ?? '';
    const shown = toGraphqlError(error, reference);
    if (shown.extensions['code'] === 'INTERNAL') this.logger.error({ err: error, reference }, 'a resolver failed');
    throw shown;
  }
}
