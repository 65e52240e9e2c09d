import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import type { AttributeSchema } from '../identity/facts.ts';
import { BUILT_IN_ATTRIBUTES, CEL_TYPES, IdentityFacts } from '../identity/identity-facts.ts';

/**
 * Variables of an expression: `rule` has `identity` and `now` (the condition of a birthright rule), `identity` has `identity`
 * alone, `assertion` has `claims`, `application` has `identity` and the names of the person's `entitlements` and `roles`, and the `values` of the
 * entitlements in the application.
 */
export type ExpressionEnvironment = 'rule' | 'identity' | 'assertion' | 'application';

/** Limits far above any condition that a person can review, and far below one that could keep a processor busy. */
const LIMITS = { maxAstNodes: 500, maxDepth: 40, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 16 };
/** Lists of names that an expression of an application reads. */
export const APPLICATION_LISTS = ['entitlements', 'roles', 'values'] as const;
const TIMESTAMP = 'google.protobuf.Timestamp';

/** Cache of environments: building one is slow, and a schema exists as long as its policy version. */
const environments = new WeakMap<AttributeSchema, Map<ExpressionEnvironment, Environment>>();

/** Returns the CEL environment for a schema, which is built once. */
export function celEnvironment(kind: ExpressionEnvironment, schema: AttributeSchema): Environment {
  const known = environments.get(schema) ?? new Map<ExpressionEnvironment, Environment>();
  environments.set(schema, known);
  const environment = known.get(kind) ?? buildEnvironment(kind, schema);
  known.set(kind, environment);
  return environment;
}

function buildEnvironment(kind: ExpressionEnvironment, schema: AttributeSchema): Environment {
  const environment = addFunctions(new Environment({ enableOptionalTypes: true, limits: LIMITS }));
  if (kind === 'assertion') return environment.registerVariable('claims', 'map');
  const types = { ...BUILT_IN_ATTRIBUTES, ...Object.fromEntries(Object.entries(schema).map(([name, { type }]) => [name, type])) };
  const fields = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, CEL_TYPES[type]]));
  environment.registerType('Identity', { ctor: IdentityFacts, fields }).registerVariable('identity', 'Identity');
  if (kind === 'application') for (const name of APPLICATION_LISTS) environment.registerVariable(name, 'list<string>');
  return kind === 'rule' ? environment.registerVariable('now', TIMESTAMP) : environment;
}

/** Adds functions and operators. `like` and `matchesRe2` take time linear in the text for every pattern; the built-in `matches` does not. */
function addFunctions(environment: Environment): Environment {
  return environment
    .registerFunction('string.like(string): bool', (text: string, glob: string) => globPattern(glob).testExact(text))
    .registerFunction('string.matchesRe2(string): bool', (text: string, pattern: string) => re2Pattern(pattern).test(text))
    .registerFunction('string.lower(): string', (text: string) => text.toLowerCase())
    .registerOperator('double == int', (a: number, b: bigint) => a === Number(b))
    .registerOperator('double + int', (a: number, b: bigint) => a + Number(b))
    .registerOperator('int + double', (a: bigint, b: number) => Number(a) + b)
    .registerOperator('double - int', (a: number, b: bigint) => a - Number(b))
    .registerOperator('int - double', (a: bigint, b: number) => Number(a) - b);
}

const patterns = new Map<string, RE2JS>();
/** Most cached patterns. They are literals of the configuration, so there are few; the bound is for safety. */
const MOST_PATTERNS = 1000;

/** Compiles a regular expression in RE2's linear dialect. @throws if it is invalid */
export function re2Pattern(pattern: string): RE2JS {
  const known = patterns.get(pattern) ?? RE2JS.compile(pattern, RE2JS.DOTALL);
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(pattern, known);
  return known;
}

/** Compiles a glob: `*` matches any run of characters, `?` one. */
function globPattern(glob: string): RE2JS {
  return re2Pattern(
    glob
      .split(/([*?])/)
      .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : RE2JS.quote(part)))
      .join(''),
  );
}
