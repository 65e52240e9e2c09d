import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import { AccessGuard } from './access/access.guard.ts';
import { type ApiDependencies, configurationToken, dependenciesToken, loggerToken, loopToken, storeToken } from './dependencies.ts';
import { DomainErrorFilter } from './errors/domain-error.filter.ts';
import { resolvers } from './resolvers.ts';

/** The GraphQL server: every resolver behind one guard and one filter. */
@Module({})
export class AppModule {
  static of(dependencies: ApiDependencies, graphql: MercuriusDriverConfig): DynamicModule {
    const { store, loop, configuration, logger } = dependencies;
    return {
      module: AppModule,
      imports: [GraphQLModule.forRoot<MercuriusDriverConfig>(graphql)],
      providers: [
        { provide: dependenciesToken, useValue: dependencies },
        { provide: storeToken, useValue: store },
        { provide: loopToken, useValue: loop },
        { provide: configurationToken, useValue: configuration },
        { provide: loggerToken, useValue: logger },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: DomainErrorFilter },
        ...resolvers,
      ],
    };
  }
}
