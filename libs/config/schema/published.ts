import { policyReference } from './policy-reference.ts';
import { POLICY_SCHEMA } from './policy-schema.ts';
import { POLICY_TESTS_SCHEMA } from './policy-tests-schema.ts';
import { TENURE_SCHEMA } from './tenure-schema.ts';

/** The schemas as files for editors, and the policy's for people, by path below the repository's root. */
export function publishedSchemas(): Readonly<Record<string, string>> {
  return {
    'docs/schema/tenure.schema.json': published(TENURE_SCHEMA),
    'docs/schema/policy.schema.json': published(POLICY_SCHEMA),
    'docs/policy-reference.md': policyReference(POLICY_SCHEMA),
    'docs/schema/policy-tests.schema.json': published(POLICY_TESTS_SCHEMA),
  };
}

/** Without earlier names: an editor that offers them is of no use. */
function published(schema: object): string {
  return `${JSON.stringify(schema, (key, value: unknown) => (key === 'x-renamed' ? undefined : value), 2)}\n`;
}
