import { policyReference } from './policy-reference.ts';
import { POLICY_SCHEMA } from './policy-schema.ts';
import { POLICY_TESTS_SCHEMA } from './policy-tests-schema.ts';
import { TENURE_SCHEMA } from './tenure-schema.ts';

/** The schemas as files for editors, and the policy's for people, by path below the repository's root. */
export function publishedSchemas(): Readonly<Record<string, string>> {
  return {
    'docs/schema/tenure.schema.json': `${JSON.stringify(TENURE_SCHEMA, null, 2)}\n`,
    'docs/schema/policy.schema.json': `${JSON.stringify(POLICY_SCHEMA, null, 2)}\n`,
    'docs/policy-reference.md': policyReference(POLICY_SCHEMA),
    'docs/schema/policy-tests.schema.json': `${JSON.stringify(POLICY_TESTS_SCHEMA, null, 2)}\n`,
  };
}
