import type {
  AttributeSchema,
  BirthrightRule,
  CaseRule,
  BreakGlassRule,
  ChangeBudget,
  Entitlement,
  GroupRule,
  LifecycleRule,
  PolicyDocument,
  Relations,
  RequestRule,
  Role,
  SeparationRule,
  WorkingCalendar,
} from '@tenure/domain';
import {
  breakGlassRule,
  caseRule,
  type RawBreakGlassRule,
  type RawCalendar,
  type RawCaseRule,
  type RawOwner,
  type RawRequestRule,
  readOwner,
  requestRule,
  workingCalendar,
} from './read-requestable.ts';
import { asStored, asWritten } from './policy-keys.ts';
import type { LocatedProblem, Path, YamlFile } from './yaml-file.ts';

/** A file with the keys of a stored version. */
interface RawPolicy {
  readonly entitlements?: Readonly<
    Record<string, { readonly title?: string; readonly target: string; readonly value?: string; readonly owner?: RawOwner }>
  > | null;
  readonly roles?: Readonly<
    Record<string, { readonly title?: string; readonly description?: string; readonly entitlements: readonly string[]; readonly owner?: RawOwner }>
  > | null;
  readonly birthright?:
    | readonly (Omit<BirthrightRule, 'roles' | 'entitlements'> & { readonly roles?: readonly string[]; readonly entitlements?: readonly string[] })[]
    | null;
  readonly groups?:
    | readonly { readonly source: string; readonly group: string; readonly roles?: readonly string[]; readonly entitlements?: readonly string[] }[]
    | null;
  readonly lifecycle?: readonly (Omit<LifecycleRule, 'start'> & { readonly start?: LifecycleRule['start'] })[] | null;
  readonly separation?: readonly RawSeparation[] | null;
  readonly requestable?: readonly RawRequestRule[] | null;
  readonly cases?: readonly RawCaseRule[] | null;
  readonly breakGlass?: readonly RawBreakGlassRule[] | null;
  readonly relations?: Relations | null;
  readonly calendars?: Readonly<Record<string, RawCalendar>> | null;
  readonly budget?: (Omit<ChangeBudget, 'owner'> & { readonly owner?: RawOwner }) | null;
}

interface RawSeparation extends Omit<SeparationRule, 'conflicting' | 'atMost' | 'priority' | 'owner'> {
  /** A single name is a set of one. */
  readonly conflicting: readonly (string | readonly string[])[];
  readonly atMost?: number;
  readonly priority?: readonly string[];
  readonly owner?: RawOwner;
}

/** One file of policy/ with its references filled in, without the parts that its schema does not allow. */
export interface PolicyPart {
  readonly file: YamlFile;
  readonly value: unknown;
}

/** File of a part of the merged document, and its path there. */
export interface PolicyPlace {
  readonly file: YamlFile;
  readonly path: Path;
}

/** The document merged from all files of policy/. */
export interface MergedPolicy {
  readonly document: PolicyDocument;
  /** Names that are defined in two places. */
  readonly problems: readonly (PolicyPlace & { readonly message: string; readonly at: LocatedProblem['at'] })[];
  /** Returns the file and path of a path in the document; `null` for a part that is in no policy file (attributes). */
  place(path: Path): PolicyPlace | null;
}

/** Merges the files in the order given: named things by name, rules one after another. */
export function mergePolicy(parts: readonly PolicyPart[], attributes: AttributeSchema): MergedPolicy {
  const places = new Map<string, PolicyPlace>();
  const problems: MergedPolicy['problems'][number][] = [];
  const document = {
    attributes,
    roles: {} as Record<string, Role>,
    entitlements: {} as Record<string, Entitlement>,
    birthright: [] as BirthrightRule[],
    groups: [] as GroupRule[],
    lifecycle: [] as LifecycleRule[],
    separation: [] as SeparationRule[],
  };
  const requestable: RequestRule[] = [];
  const cases: CaseRule[] = [];
  const breakGlass: BreakGlassRule[] = [];
  const relations: Record<string, Relations['manager']> = {};
  const calendars: Record<string, WorkingCalendar> = {};
  let budget: ChangeBudget = {};
  const claim = (file: YamlFile, section: string, name: string): void => {
    const path = [section, name];
    const first = places.get(`${section} ${name}`);
    if (first === undefined) places.set(`${section} ${name}`, { file, path });
    else problems.push({ file, path, at: 'key', message: `${name} is defined in ${first.file.name}:${first.file.locate({ path, at: 'key' }).line} already` });
  };
  const append = <Rule>(file: YamlFile, section: string, rules: Rule[], index: number, rule: Rule): void => {
    places.set(`${section} ${rules.length}`, { file, path: [section, index] });
    rules.push(rule);
  };
  for (const { file, value } of parts) {
    const raw = (asStored(value) ?? {}) as RawPolicy;
    for (const [name, { title = name, target, value: own = null, owner }] of Object.entries(raw.entitlements ?? {})) {
      claim(file, 'entitlements', name);
      document.entitlements[name] = { name, title, target, value: own, ...readOwner(owner) };
    }
    for (const [name, { title = name, owner, ...role }] of Object.entries(raw.roles ?? {})) {
      claim(file, 'roles', name);
      document.roles[name] = { name, title, ...role, ...readOwner(owner) };
    }
    for (const [index, rule] of (raw.birthright ?? []).entries())
      append(file, 'birthright', document.birthright, index, { ...rule, roles: rule.roles ?? [], entitlements: rule.entitlements ?? [] });
    for (const [index, rule] of (raw.groups ?? []).entries())
      append(file, 'groups', document.groups, index, { ...rule, roles: rule.roles ?? [], entitlements: rule.entitlements ?? [] });
    for (const [index, rule] of (raw.lifecycle ?? []).entries()) append(file, 'lifecycle', document.lifecycle, index, { ...rule, start: rule.start ?? {} });
    for (const [index, rule] of (raw.separation ?? []).entries()) append(file, 'separation', document.separation, index, separationRule(rule));
    for (const [index, rule] of (raw.requestable ?? []).entries()) append(file, 'requestable', requestable, index, requestRule(rule));
    for (const [index, rule] of (raw.cases ?? []).entries()) append(file, 'cases', cases, index, caseRule(rule));
    for (const [index, rule] of (raw.breakGlass ?? []).entries()) append(file, 'breakGlass', breakGlass, index, breakGlassRule(rule));
    for (const [name, relation] of Object.entries(raw.relations ?? {})) {
      claim(file, 'relations', name);
      relations[name] = relation;
    }
    for (const [name, calendar] of Object.entries(raw.calendars ?? {})) {
      claim(file, 'calendars', name);
      calendars[name] = workingCalendar(calendar);
    }
    for (const part of Object.keys(raw.budget ?? {})) claim(file, 'budget', part);
    const { owner, ...limits } = raw.budget ?? {};
    budget = { ...budget, ...limits, ...readOwner(owner) };
  }
  const place = ([section, key, ...rest]: Path): PolicyPlace | null => {
    const found = places.get(`${section} ${key}`);
    return found === undefined ? null : { file: found.file, path: asWritten([...found.path, ...rest]) };
  };
  // Absent sections add no key, so that a policy without them has the same digest, and is the same version, as before these sections existed.
  const asked = {
    ...(requestable.length > 0 ? { requestable } : {}),
    ...(breakGlass.length > 0 ? { breakGlass } : {}),
    ...(Object.keys(relations).length > 0 ? { relations } : {}),
    ...(cases.length > 0 ? { cases } : {}),
    ...(Object.keys(calendars).length > 0 ? { calendars } : {}),
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
  };
  return { document: { ...document, ...asked }, problems, place };
}

function separationRule({ conflicting, atMost = 1, priority = [], owner, ...rule }: RawSeparation): SeparationRule {
  return { ...rule, ...readOwner(owner), conflicting: conflicting.map((set) => (typeof set === 'string' ? [set] : set)), atMost, priority };
}
