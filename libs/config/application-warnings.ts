import { didYouMean, type PolicyDocument } from '@tenure/domain';
import type { ApplicationSettings, Configuration } from './configuration.ts';
import { readLogo } from './read-logo.ts';

/** Warning about the settings of an application. */
export interface ApplicationWarning {
  readonly application: string;
  /** Sentence with the consequence and the remedy. */
  readonly message: string;
}

/** Warnings about applications of a valid configuration: nobody or too few may use them, or they know people by an address. */
export async function applicationWarnings({ applications, policy }: Pick<Configuration, 'applications' | 'policy'>): Promise<readonly ApplicationWarning[]> {
  const given = entitlementsWithWay(policy);
  const all = Object.values(applications).map(async (application) => {
    const messages = [...aboutUse(application, policy, given), ...aboutSubject(application), ...(await aboutLogo(application))];
    return messages.map((message) => ({ application: application.name, message }));
  });
  return (await Promise.all(all)).flat();
}

function aboutUse({ name, target, mayUse }: ApplicationSettings, policy: PolicyDocument, given: ReadonlySet<string>): readonly string[] {
  if (mayUse !== null && 'when' in mayUse) return [];
  const known = Object.values(policy.entitlements);
  const own = known.filter((one) => one.target === name || (target !== null && one.target === target)).map((one) => one.name);
  const letting = mayUse === null ? own : mayUse.entitlements;
  const names = known.map((one) => one.name);
  const unknown = letting.filter((one) => !names.includes(one));
  const left = mayUse === null ? [] : own.filter((one) => policy.entitlements[one]?.target === name && !letting.includes(one));
  return [
    ...unknown.map((one) => `mayUse names the entitlement ${one}, which policy does not have${didYouMean(one, names)}: it lets nobody in.`),
    ...(letting.length === 0
      ? [`nobody may use it: policy has no entitlement of target ${[name, ...(target === null ? [] : [target])].join(' or ')}. Add one, or set mayUse.`]
      : []),
    ...(letting.length > unknown.length && letting.every((one) => !given.has(one))
      ? [`nobody may use it: no rule of policy gives or offers ${letting.join(', ')}.`]
      : []),
    ...(left.length === 0 ? [] : [`a grant of ${left.join(', ')} lets nobody in: mayUse does not name ${left.length === 1 ? 'it' : 'them'}.`]),
  ];
}

function aboutSubject({ subject }: ApplicationSettings): readonly string[] {
  return subject === 'email'
    ? [
        'subject: email makes an address the name of a person there: everybody who has the address later is taken for them, so that a person has to decide. Use pairwise unless the application cannot.',
      ]
    : [];
}

async function aboutLogo({ logo }: ApplicationSettings): Promise<readonly string[]> {
  const read = logo === null ? null : await readLogo(logo);
  return typeof read === 'string' ? [`its logo is not shown: the file ${read}.`] : [];
}

/** Entitlements that a rule gives, or that may be requested or taken as break-glass access. */
function entitlementsWithWay({ roles, birthright, groups, requestable = [], breakGlass = [] }: PolicyDocument): ReadonlySet<string> {
  const rules = [...birthright, ...groups, ...requestable, ...breakGlass];
  const viaRoles = rules.flatMap((rule) => rule.roles.flatMap((role) => roles[role]?.entitlements ?? []));
  return new Set([...rules.flatMap(({ entitlements }) => entitlements), ...viaRoles]);
}
