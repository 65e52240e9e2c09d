import { type Configuration, targetTitle } from '@tenure/config';
import type { AccessName, PolicyDocument } from '@tenure/domain';

/** A target that is only observed. */
export interface ObservedTarget {
  readonly name: string;
  readonly title: string;
}

/**
 * Targets in which this access would be, and that are only observed: nothing is given there until they are switched on. In the order of their names.
 * @param observed names of all targets that are only observed
 */
export function onlyObservedIn(
  configuration: Configuration,
  { entitlements, roles }: PolicyDocument,
  { kind, name }: AccessName,
  observed: ReadonlySet<string>,
): readonly ObservedTarget[] {
  const names = kind === 'entitlement' ? [name] : (roles[name]?.entitlements ?? []);
  const targets = new Set(names.flatMap((one) => entitlements[one]?.target ?? []));
  return [...targets]
    .filter((target) => observed.has(target))
    .sort()
    .map((target) => ({ name: target, title: targetTitle(configuration, target) }));
}
