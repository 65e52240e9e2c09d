import { EXTENSION_SOURCE, type Facts, OPERATOR_SOURCE, type Precedence, type SourceRecord } from './facts.ts';

/** Sources of what is decided in Tenure. */
const BUILT_IN: readonly string[] = [OPERATOR_SOURCE, EXTENSION_SOURCE];

/** A record with those of its facts that its source may state: what else it says counts as not said. */
export function withStatedFacts<R extends SourceRecord>(record: R, precedence: Precedence): R {
  const names = Object.keys(record.facts);
  const stated = names.filter((name) => mayState(precedence, record.source, name));
  if (stated.length === names.length) return record;
  const facts: Facts = Object.fromEntries(stated.map((name) => [name, record.facts[name] ?? null]));
  return { ...record, facts };
}

/** True: the source may state the attribute, where no source with higher precedence does. */
export function mayState({ attributes, exclusive = [], mayState: lists = {} }: Precedence, source: string, attribute: string): boolean {
  if (BUILT_IN.includes(source)) return true;
  if (Object.hasOwn(lists, source) && lists[source]?.includes(attribute) === false) return false;
  return !exclusive.includes(attribute) || (Object.hasOwn(attributes, attribute) && attributes[attribute]?.includes(source) === true);
}
