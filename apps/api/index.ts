export { createApp } from './server/create-app.ts';
export type { ApiDependencies } from './server/dependencies.ts';
export { printedSchema } from './graphql/print-schema.ts';
export { type SchemaMember, schemaMembers } from './graphql/schema-members.ts';
