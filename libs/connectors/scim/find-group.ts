import { type Failures, ofTarget } from '../failures.ts';
import type { ScimGroup } from './answers.ts';
import { isCalled } from './group-members.ts';
import type { Found, ScimResources } from './resources.ts';

export type GroupFound = ScimGroup | 'several' | 'unknown' | null;

/** Finds groups by name. Nothing is cached: a name may belong to another group a moment later. */
export interface GroupNames {
  /**
   * Finds the group with exactly this name, else the one whose name differs only by case.
   * @param all returns all groups, which are searched if a filter finds none, since some targets do not filter by name; `null`: no such search
   * @returns `several` when more than one has the name apart from case, and none exactly; `unknown` when not all groups were returned
   */
  find(name: string, all: (() => Promise<Found<ScimGroup>>) | null, signal: AbortSignal): Promise<GroupFound>;
  /** Finds the group of a name with certainty. @throws ConnectorRefused for `several`. @throws ConnectorUnavailable for `unknown` */
  mustFind(name: string, signal: AbortSignal): Promise<ScimGroup | null>;
}

export function groupNamesOf(groups: ScimResources<ScimGroup>, failures: Failures): GroupNames {
  function choose(found: readonly ScimGroup[], name: string): ScimGroup | 'several' | null {
    const alike = found.filter(({ displayName }) => isCalled(displayName, name));
    const exact = alike.filter(({ displayName }) => displayName === name);
    const [group, ...others] = exact.length > 0 ? exact : alike;
    return others.length > 0 ? 'several' : (group ?? null);
  }
  async function find(name: string, all: (() => Promise<Found<ScimGroup>>) | null, signal: AbortSignal): Promise<GroupFound> {
    const found = await groups.find(`displayName eq ${JSON.stringify(name)}`, signal);
    const group = choose(found?.items ?? [], name);
    if (group !== null || all === null) return group;
    const listed = await all();
    return choose(listed.items, name) ?? (listed.isWhole ? null : 'unknown');
  }

  return {
    find,
    async mustFind(name, signal) {
      const group = await find(name, () => groups.all(signal), signal);
      if (group === 'several')
        throw failures.refused(`several groups are called "${name}": rename all but one of them there`, { ...ofTarget, entitlement: name });
      if (group === 'unknown') throw failures.unavailable(`its list of groups is not whole, and "${name}" is not in it`, { entitlement: name });
      return group;
    },
  };
}
