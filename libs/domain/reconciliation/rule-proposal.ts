import type { AttributeValue } from '../identity/facts.ts';

/** A condition that people share: an attribute with its value, or `userType`. */
export interface SharedCondition {
  readonly attribute: string;
  readonly value: string | number | boolean;
}

/** Facts of a person by name. */
export type SharedFacts = Readonly<Record<string, AttributeValue | undefined>>;

/**
 * Conditions that all these people meet, in the order of names. Values that identify a person (names, addresses, keys) are left out: a rule about them
 * would name people.
 */
export function sharedConditions(people: readonly SharedFacts[], attributes: readonly string[], identifying: ReadonlySet<string>): readonly SharedCondition[] {
  const [first] = people;
  if (first === undefined) return [];
  return attributes
    .filter((attribute) => !identifying.has(attribute))
    .toSorted()
    .flatMap((attribute): SharedCondition[] => {
      const value = first[attribute];
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
      return value !== '' && people.every((person) => person[attribute] === value) ? [{ attribute, value }] : [];
    });
}

/** Birthright rule in YAML that gives an entitlement to everybody who meets these conditions. */
export function ruleYaml(entitlement: string, conditions: readonly SharedCondition[]): string {
  const when = conditions.map(({ attribute, value }) => `identity.${attribute} == ${JSON.stringify(value)}`).join(' && ');
  return ['birthright:', `  - name: ${quoted(`found-${entitlement}`)}`, `    when: ${quoted(when)}`, `    entitlements: [${quoted(entitlement)}]`, ''].join(
    '\n',
  );
}

/** YAML in single quotes, in which nothing but the quote itself has a meaning. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
