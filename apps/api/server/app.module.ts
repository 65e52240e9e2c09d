import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { Previews } from '@tenure/engine/previews';
import { AccessGuard } from '../access/access.guard.ts';
import { type ApiDependencies, configurationToken, dependenciesToken, loggerToken, engineToken, previewsToken, storeToken } from './dependencies.ts';
import { DomainErrorFilter } from './errors/domain-error.filter.ts';
import { resolvers } from '../graphql/resolvers.ts';

/** The GraphQL server: every resolver behind one guard and one filter. */
@Module({})
export class AppModule {
  static of(dependencies: ApiDependencies & { readonly previews: Previews }, graphql: MercuriusDriverConfig): DynamicModule {
    const { store, engine, configuration, logger, previews } = dependencies;
    return {
      module: AppModule,
      imports: [GraphQLModule.forRoot<MercuriusDriverConfig>(graphql)],
      providers: [
        { provide: dependenciesToken, useValue: dependencies },
        { provide: storeToken, useValue: store },
        { provide: engineToken, useValue: engine },
        { provide: configurationToken, useValue: configuration },
        { provide: loggerToken, useValue: logger },
        { provide: previewsToken, useValue: previews },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: DomainErrorFilter },
        ...resolvers,
      ],
    };
  }
}
