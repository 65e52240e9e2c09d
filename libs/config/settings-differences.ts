import { isDeepStrictEqual } from 'node:util';

/** One difference between two versions of tenure.yaml. It has names of settings, never their values. */
export interface SettingsDifference {
  readonly kind: 'added' | 'changed' | 'removed';
  /** Path of the setting, such as `targets.crm` or `session`. */
  readonly what: string;
  /** Names of the settings in it that differ; empty unless `kind` is `changed`. */
  readonly fields: readonly string[];
}

/** Sections of tenure.yaml whose entries have names of their own. */
const NAMED = ['attributes', 'sources', 'identityProviders', 'targets', 'applications', 'webhooks'];

/** Compares two documents of `Settings`. */
export function settingsDifferences(before: unknown, after: unknown): readonly SettingsDifference[] {
  return differences(before, after, '').flatMap((found): readonly SettingsDifference[] => {
    if (!NAMED.includes(found.what)) return [found];
    return differences(asObject(before)[found.what], asObject(after)[found.what], `${found.what}.`);
  });
}

function differences(before: unknown, after: unknown, prefix: string): readonly SettingsDifference[] {
  const [was, is] = [asObject(before), asObject(after)];
  return differing(was, is).map((name) => {
    const kind = !(name in was) ? 'added' : !(name in is) ? 'removed' : 'changed';
    return { kind, what: `${prefix}${name}`, fields: kind === 'changed' ? differing(asObject(was[name]), asObject(is[name])) : [] };
  });
}

function differing(was: Readonly<Record<string, unknown>>, is: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !isDeepStrictEqual(was[name], is[name]));
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
