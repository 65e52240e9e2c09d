import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { resolvers } from './resolvers.ts';

/** The GraphQL schema as text, made from the code alone: no database is needed. */
export async function printedSchema(): Promise<string> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false, abortOnError: false });
  const schema = await app.get(GraphQLSchemaFactory).create([...resolvers], { numberScalarMode: 'integer' });
  await app.close();
  return `# Made from the code by apps/api/write-schema.ts. Do not edit.\n\n${printSchema(lexicographicSortSchema(schema))}\n`;
}
