export { createApp } from './create-app.ts';
export type { ApiDependencies } from './dependencies.ts';
export { printedSchema } from './print-schema.ts';
export { type SchemaMember, schemaMembers } from './schema-members.ts';
