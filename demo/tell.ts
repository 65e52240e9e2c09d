import type { Confirmations } from './confirmations.ts';
import { type GrantView, identityQuery, type IdentityView } from './identity-view.ts';
import type { DemoTarget } from './processes.ts';
import type { Stage } from './stage.ts';
import type { TargetState } from '@tenure/testing/targets/index.ts';

/** An instant in readable form. */
export function when(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')} UTC`;
}

/** `410 ms`, `2.3 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Groups or roles of an account in a target, as text. */
export function inWords({ exists, enabled, groups }: TargetState): string {
  if (!exists) return 'no account';
  return `${enabled ? 'enabled' : 'disabled'}, ${groups.length === 0 ? 'no groups' : `groups: ${groups.join(', ')}`}`;
}

/** Name of a grant, and its kind where that is not clear from the name. */
export function nameOf({ kind, name }: Pick<GrantView, 'kind' | 'name'>): string {
  return kind === 'ROLE' ? `role ${name}` : name;
}

/** A reason, with the sources of the records that support it. */
export function withSources({ records }: Pick<IdentityView, 'records'>, why: string, recordIds: readonly string[]): string {
  const sources = new Set(records.filter(({ id }) => recordIds.includes(id)).map(({ source }) => source));
  return sources.size === 0 ? why : `${why}, by a record of ${[...sources].join(' and ')}`;
}

/**
 * Shows Tenure's decision since an instant: the lifecycle state, the grants that were added, kept for other reasons and ended, and why.
 * @param before the identity as it was then; `null` when there was none
 */
export function tellDecision({ narrator }: Stage, view: IdentityView, since: number, before: IdentityView | null): void {
  const { lifecycle, grants } = view;
  if (lifecycle === null) return;
  const why = withSources(view, lifecycle.why, lifecycle.recordIds).replace(`${lifecycle.state.toLowerCase()}: `, '');
  narrator.say(
    'Tenure',
    `${view.userName}, ${view.userType.toLowerCase()}, is ${lifecycle.state}: ${why} (lifecycle rule ${lifecycle.rule ?? 'none'}).${nextInWords(lifecycle)}`,
  );
  for (const grant of grants.filter((one) => one.endedAt === null)) {
    const mark = isNew(grant, since) ? '+' : hasOtherOrigins(grant, before) ? '=' : null;
    if (mark === null || (mark === '+' && !isDirect(grant))) continue;
    narrator.say(
      '',
      `${mark} ${nameOf(grant)} (${grant.title})${mark === '=' ? ' stays, for another reason' : ''}, ${grant.validUntil === null ? 'without end' : `until ${when(grant.validUntil)}`}`,
    );
    for (const { sentence, policyVersion } of grant.origins) narrator.say('', `    ${sentence}. Policy version ${policyVersion}.`);
  }
  for (const grant of grants.filter((one) => isDirect(one) && one.endedAt !== null && Date.parse(one.endedAt) >= since)) {
    narrator.say('', `- ${nameOf(grant)} (${grant.title}): ${grant.endReason ?? 'no reason is known'}`);
  }
}

function nextInWords({ state, next }: NonNullable<IdentityView['lifecycle']>): string {
  if (next === null) return '';
  // Before the start the same state comes once more: with accounts.
  if (next.state === state) return ` Accounts are prepared from ${when(next.at)} on, unless something changes.`;
  return ` Will be ${next.state} from ${when(next.at)} on, unless something changes.`;
}

/** Looks into every target and shows its present state. */
export async function tellTargets({ narrator, processes }: Stage, userName: string, confirmations: Confirmations): Promise<void> {
  const rows = processes.targets.map(async (target) => {
    const took = confirmations.get(target.name);
    const confirmed = took === undefined ? '' : took === null ? 'nothing had to change' : `confirmed after ${duration(took)}`;
    return [target.title, await lookInWords(target, userName), confirmed];
  });
  narrator.table('Targets', await Promise.all(rows));
}

async function lookInWords(target: DemoTarget, userName: string): Promise<string> {
  try {
    return inWords(await target.look(userName));
  } catch {
    return 'does not answer';
  }
}

/** Shows links for further reading. */
export async function tellLinks({ narrator, writeQuery }: Stage, view: IdentityView): Promise<void> {
  narrator.copy('GraphQL', await writeQuery(view.userName, identityQuery(view.id)));
  if (view.workflow.url) narrator.copy('Workflow', view.workflow.url);
}

function isNew({ grantedAt }: GrantView, since: number): boolean {
  return Date.parse(grantedAt) >= since;
}

function hasOtherOrigins(grant: GrantView, before: IdentityView | null): boolean {
  const known = before?.grants.find(({ id }) => id === grant.id);
  const names = ({ origins }: GrantView): string => origins.map(({ name, viaRole }) => `${name} ${viaRole}`).join();
  return known !== undefined && names(known) !== names(grant);
}

/** True unless an entitlement comes by a role: such are shown with the role. */
function isDirect({ origins }: GrantView): boolean {
  return origins.some(({ viaRole }) => viaRole === null);
}
