import { EXTENSION_SOURCE, type Facts, OPERATOR_SOURCE, type Precedence, type SourceRecord } from './facts.ts';

/** Sources of facts that are set in Tenure itself. */
const BUILT_IN: readonly string[] = [OPERATOR_SOURCE, EXTENSION_SOURCE];

/** Returns the record with only the facts that its source may state; others count as not stated. */
export function withStatedFacts<R extends SourceRecord>(record: R, precedence: Precedence): R {
  const names = Object.keys(record.facts);
  const stated = names.filter((name) => mayState(precedence, record.source, name));
  if (stated.length === names.length) return record;
  const facts: Facts = Object.fromEntries(stated.map((name) => [name, record.facts[name] ?? null]));
  return { ...record, facts };
}

/** True if the source may state the attribute when no source with higher precedence does. */
export function mayState({ attributes, exclusive = [], mayState: lists = {} }: Precedence, source: string, attribute: string): boolean {
  if (BUILT_IN.includes(source)) return true;
  if (Object.hasOwn(lists, source) && lists[source]?.includes(attribute) === false) return false;
  return !exclusive.includes(attribute) || (Object.hasOwn(attributes, attribute) && attributes[attribute]?.includes(source) === true);
}
