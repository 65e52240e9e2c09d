import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from './compile-policy.ts';
import { deriveLifecycle } from '../lifecycle/derive-lifecycle.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { Instant, Precedence, SourceRecord, UserType } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import { mergeFacts } from '../identity/merge-facts.ts';
import type { PolicyDocument } from './policy.ts';

/** One example from a file: facts of sources, questions, decisions and their reasons. */
interface PolicyCase {
  readonly title: string;
  readonly policy: PolicyDocument;
  readonly facts: {
    readonly userType: UserType;
    readonly precedence: Precedence;
    readonly authoritative: readonly string[];
    readonly records: readonly SourceRecord[];
  };
  readonly questions: readonly {
    readonly title: string;
    readonly now: Instant;
    readonly activations?: Readonly<Record<string, Instant>>;
    readonly decision: { readonly state: string; readonly grants: readonly string[] };
    /** Reasons by grant, as `origin name@version via role until bound <- records`. */
    readonly reasons: Readonly<Record<string, readonly string[]>>;
  }[];
}

const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder)
  .sort()
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as PolicyCase);

describe.each(cases)('$title', ({ policy, facts, questions }) => {
  test.each(questions)('$title', ({ now, activations = {}, decision, reasons }) => {
    const timeZone = 'Europe/Berlin';
    const compiled = compilePolicy({ ...policy, separation: [] }, 3);
    const identity = mergeFacts({ id: 'i-1', userName: 'ada', createdAt: '2026-01-01T00:00:00.000Z', now, timeZone, ...facts });
    const lifecycle = deriveLifecycle({ identity, policy: compiled, now });
    const grants = grantsAt(evaluatePolicy({ identity, lifecycle, policy: compiled, activations, endings: {}, now }).grants, now);
    expect({ state: lifecycle.state, grants: grants.map(({ kind, name }) => `${kind} ${name}`) }).toEqual(decision);
    const why = grants.map(({ name, origins }) => [
      name,
      origins.map(
        (o) =>
          `${o.name}@${o.policyVersion}${o.viaRole === null ? '' : ` via ${o.viaRole}`}${o.validUntil === null ? '' : ` until ${o.validUntil}`} <- ${o.recordIds.join(',')}`,
      ),
    ]);
    expect(Object.fromEntries(why)).toEqual(reasons);
  });
});
