import { compileExpression, type ExpressionType, mayState, type PolicyDocument, TENURE_TARGET } from '@tenure/domain';
import type { Configuration } from './configuration.ts';

/** A rule of the policy that gives rights in Tenure itself, and the identity attributes on which it depends. */
interface Gift {
  /** Beginning of a sentence, such as `birthright rule "operators" gives tenure.operator`. */
  readonly what: string;
  readonly attributes: readonly string[];
}

/**
 * Warnings about a valid configuration that may give rights to the wrong people: rights in Tenure that depend on an attribute that a
 * non-authoritative source may state. An attribute with `only` in `precedence` depends on the listed sources alone.
 * @returns a sentence for each gift and attribute, with the remedy
 */
export function policyWarnings(configuration: Configuration): readonly string[] {
  const { precedence, sources } = configuration;
  const exclusive = precedence.exclusive ?? [];
  const vouching = Object.values(sources)
    .filter(({ authoritative }) => authoritative)
    .map(({ name }) => name);
  return giftsOf(configuration.policy).flatMap(({ what, attributes }) =>
    attributes
      .filter((attribute) => !exclusive.includes(attribute))
      .flatMap((attribute) => {
        const others = statingWithoutAuthority(configuration, attribute);
        const remedy =
          attribute in BUILT_IN
            ? 'add a condition on an attribute of an authoritative source'
            : `exclude other sources: precedence.attributes.${attribute}: { only: [${vouching.join(', ')}] }`;
        return others.length === 0 ? [] : [`${what} by ${attribute}, which ${others.join(', ')} may state without authority; ${remedy}`];
      }),
  );
}

type State = (configuration: Configuration) => readonly string[];

/** Properties of every identity beside its attributes, with the non-authoritative sources that may state them. */
const BUILT_IN: Readonly<Record<string, State>> = {
  groups: ({ identityProviders }) => namesOf(Object.values(identityProviders).filter(({ groups }) => groups !== null)),
  userType: (configuration) => namesOf(withoutAuthority(configuration).filter(({ userType }) => typeof userType !== 'string')),
  // It is made from the person's first record.
  userName: (configuration) => namesOf(withoutAuthority(configuration).filter(({ mayCreate }) => mayCreate)),
};

function statingWithoutAuthority(configuration: Configuration, attribute: string): readonly string[] {
  const builtIn = Object.hasOwn(BUILT_IN, attribute) ? BUILT_IN[attribute] : undefined;
  if (builtIn !== undefined) return builtIn(configuration);
  return namesOf(withoutAuthority(configuration)).filter((name) => mayState(configuration.precedence, name, attribute));
}

function withoutAuthority({ sources, identityProviders }: Configuration) {
  return [...Object.values(sources).filter(({ authoritative }) => !authoritative), ...Object.values(identityProviders)];
}

function namesOf(all: readonly { readonly name: string }[]): readonly string[] {
  return all.map(({ name }) => name);
}

function giftsOf(document: PolicyDocument): readonly Gift[] {
  const { birthright, requestable = [], breakGlass = [], relations = {} } = document;
  const attributesOf = (source: string | undefined, type: ExpressionType, kind: 'rule' | 'identity'): readonly string[] =>
    source === undefined ? [] : compileExpression(source, type, kind, document.attributes).attributes;
  const gift = (what: string, rule: Offer, attributes: readonly string[]): readonly Gift[] => {
    const rights = rightsIn(document, rule);
    return rights.length === 0 ? [] : [{ what: `${what} "${rule.name}" gives ${rights.join(', ')}`, attributes: [...new Set(attributes)].sort() }];
  };
  return [
    ...birthright.flatMap((rule) =>
      gift('birthright rule', rule, [
        ...attributesOf(rule.when, 'bool', 'rule'),
        ...attributesOf(rule.from, 'timestamp', 'rule'),
        ...attributesOf(rule.until, 'timestamp', 'rule'),
      ]),
    ),
    ...requestable.flatMap((rule) => {
      // A source that states a person's manager determines the approver.
      const asked = rule.stages.flatMap(({ approvers, escalateTo }) => [...approvers, ...escalateTo]).map(({ kind }) => kind);
      const naming = (['manager', 'sponsor'] as const).filter((relation) => asked.includes(relation)).flatMap((name) => relations[name]?.attribute ?? []);
      return gift('request rule', rule, [...attributesOf(rule.when, 'bool', 'identity'), ...naming]);
    }),
    ...breakGlass.flatMap((rule) => gift('break-glass rule', rule, attributesOf(rule.when, 'bool', 'identity'))),
  ];
}

interface Offer {
  readonly name: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
}

/** Roles and entitlements of a rule that give rights in Tenure beyond self-service. */
function rightsIn({ roles: known, entitlements: all }: PolicyDocument, { roles, entitlements }: Offer): readonly string[] {
  const isRight = (name: string): boolean => all[name]?.target === TENURE_TARGET && all[name].value !== 'self';
  return [...roles.filter((name) => known[name]?.entitlements.some(isRight) === true), ...entitlements.filter(isRight)];
}
