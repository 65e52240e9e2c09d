import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchemas } from './published.ts';

// Run after a schema has changed: node libs/config/schema/write-published.ts
for (const [path, content] of Object.entries(publishedSchemas())) writeFileSync(join(import.meta.dirname, '../../..', path), content);
