import { policyReference } from './policy-reference.ts';
import { POLICY_SCHEMA } from './policy-schema.ts';
import { POLICY_TESTS_SCHEMA } from './policy-tests-schema.ts';
import { TENURE_SCHEMA } from './tenure-schema.ts';

/** Published files by their path below the repository's root: the schemas for editors, and the policy reference for people. */
export function publishedSchemas(): Readonly<Record<string, string>> {
  return {
    'docs/schema/tenure.schema.json': published(TENURE_SCHEMA),
    'docs/schema/policy.schema.json': published(POLICY_SCHEMA),
    'docs/policy-reference.md': policyReference(POLICY_SCHEMA),
    'docs/schema/policy-tests.schema.json': published(POLICY_TESTS_SCHEMA),
  };
}

/** Schema without earlier names, which an editor must not suggest. */
function published(schema: object): string {
  return `${JSON.stringify(schema, (key, value: unknown) => (key === 'x-renamed' ? undefined : value), 2)}\n`;
}
