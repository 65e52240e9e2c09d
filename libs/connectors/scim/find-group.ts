import type { Failures } from '../failures.ts';
import type { ScimGroup } from './answers.ts';
import { isCalled } from './group-members.ts';
import type { ScimResources } from './resources.ts';

/** Finds groups by name. Nothing is remembered: a name may belong to another group a moment later. */
export interface GroupNames {
  /**
   * The group of that exact name, else the one whose name differs by case alone.
   * @param all gives all groups: they are looked through where a filter finds none, since some targets do not filter by name; `null`: not worth it
   * @returns `several` when more than one bears the name but for its case, and none exactly
   */
  find(name: string, all: (() => Promise<readonly ScimGroup[]>) | null, signal: AbortSignal): Promise<ScimGroup | 'several' | null>;
  /** @throws ConnectorRefused for `several` */
  several(name: string): Error;
}

export function groupNamesOf(groups: ScimResources<ScimGroup>, failures: Failures): GroupNames {
  function choose(found: readonly ScimGroup[], name: string): ScimGroup | 'several' | null {
    const alike = found.filter(({ displayName }) => isCalled(displayName, name));
    const exact = alike.filter(({ displayName }) => displayName === name);
    const [group, ...others] = exact.length > 0 ? exact : alike;
    return others.length > 0 ? 'several' : (group ?? null);
  }
  return {
    async find(name, all, signal) {
      const found = await groups.find(`displayName eq ${JSON.stringify(name)}`, signal);
      const group = choose(found?.items ?? [], name);
      return group !== null || all === null ? group : choose(await all(), name);
    },
    several: (name) => failures.refused(`several groups are called "${name}": rename all but one of them there`, { entitlement: name }),
  };
}
