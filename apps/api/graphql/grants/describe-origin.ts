import type { Configuration } from '@tenure/config';
import type { AttributeSchema, Origin, PolicyDocument } from '@tenure/domain';

/** Data for the sentence about an origin. */
export interface OriginWords {
  readonly configuration: Configuration;
  /** Policy document of the origin's version; `null` where it is not known. */
  readonly document: PolicyDocument | null;
  /** Names of the sources whose records support it. */
  readonly sources: readonly string[];
}

/** Reason of a grant as a sentence: the rule or group, the role, and the sources of the records that support it. */
export function describeOrigin(origin: Origin, { configuration, document, sources }: OriginWords): string {
  const role = origin.viaRole === null ? '' : `, as part of the role ${document?.roles[origin.viaRole]?.title ?? origin.viaRole}`;
  const whose = sources.length === 0 ? '' : `, according to ${sources.map((source) => sourceTitle(configuration, source)).join(' and ')}`;
  const ending = origin.endingSince === undefined ? '' : '; the rule no longer applies, and its grace period runs';
  return `${cause(origin, document, configuration)}${role}${origin.kind === 'assertion' ? '' : whose}${ending}`;
}

function cause({ kind, name }: Origin, document: PolicyDocument | null, configuration: Configuration): string {
  switch (kind) {
    case 'rule': {
      const rule = document?.birthright.find((one) => one.name === name);
      if (rule?.description !== undefined) return `${rule.description} (rule ${name})`;
      if (rule === undefined) return `Rule ${name}`;
      return `${condition(rule.when.trim(), document?.attributes ?? {})} (rule ${name})`;
    }
    case 'assertion': {
      const slash = name.indexOf('/');
      return `${sourceTitle(configuration, name.slice(0, slash))} says that the person is in its group ${name.slice(slash + 1)}`;
    }
    case 'request':
      return 'A request was approved';
    case 'break-glass':
      return 'Break-glass access';
    case 'exception':
      return `Exception ${name}`;
  }
}

/** Condition of a rule: as a sentence where it is simple, otherwise as it is written. */
function condition(when: string, attributes: AttributeSchema): string {
  if (when === 'true') return 'Everybody gets this';
  const parts = when.split('&&').map((part) => /^identity\.(\w+) *== *"([^"]*)"$/.exec(part.trim()));
  const words = parts.flatMap((match) =>
    match?.[1] ? [`${(Object.hasOwn(attributes, match[1]) ? attributes[match[1]]?.title : undefined) ?? match[1]} is ${match[2]}`] : [],
  );
  return words.length === parts.length ? `Because ${words.join(' and ')}` : `Because ${when}`;
}

/** The title that the configuration gives a source or identity provider. */
export function sourceTitle({ sources, identityProviders }: Configuration, name: string): string {
  const settings = Object.hasOwn(sources, name) ? sources[name] : Object.hasOwn(identityProviders, name) ? identityProviders[name] : undefined;
  return settings?.title ?? name;
}
