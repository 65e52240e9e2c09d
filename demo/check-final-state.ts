import { type Answered, auditTrail } from './audit-trail.ts';
import { type Check, gone, showChecks, targetCheck } from './check.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { viewIdentity } from './identity-view.ts';
import type { Stage } from './stage.ts';
import { isOwnPage } from './story/log-in.ts';
import type { Cast, Character } from './story/cast.ts';

/** Expected accounts of Olga, by target. */
const olgasAccounts: Readonly<Record<string, readonly string[]>> = { crm: ['Finance'], directory: ['finance', 'staff'], ledger: ['clerk', 'reader'] };

/** Looks into the targets and GraphQL, and shows each check. @returns number of those that differ */
export async function checkFinalState(stage: Stage, cast: Cast): Promise<number> {
  const { narrator, reader } = stage;
  narrator.step('', 'The final state, read from the targets themselves and from GraphQL');
  // Carla's grace period may still run on a quick machine; her own timer ends it.
  await eventually("Carla's grace to end", async () => ((await viewIdentity(reader, cast.carla.identityId)).lifecycle?.state === 'LEFT' ? true : null), 30_000);
  return showChecks(stage, [...checksOfTargets(stage, cast), ...checksOfPeople(stage, cast), ...checksOfWhole(stage)]);
}

function checksOfTargets({ processes }: Stage, { carla, bruno, olga }: Cast): readonly Check[] {
  return processes.targets.flatMap((target) => [
    targetCheck(target, carla.userName, gone),
    targetCheck(target, bruno.userName, gone),
    targetCheck(target, olga.userName, { exists: true, enabled: true, groups: olgasAccounts[target.name] ?? [] }),
  ]);
}

function checksOfPeople({ reader, processes, tenure }: Stage, { carla, bruno, olga }: Cast): readonly Check[] {
  const state = (person: Character, wanted: string): Check => ({
    text: `GraphQL: ${person.userName} is ${wanted}, and every account is confirmed to be ${wanted === 'LEFT' ? 'gone' : 'as desired'}`,
    find: async () => {
      const { lifecycle, accounts } = await viewIdentity(reader, person.identityId);
      const open = accounts.filter(({ confirmedAt }) => confirmedAt === null).map(({ target }) => target);
      if (lifecycle?.state !== wanted) return `is ${lifecycle?.state}`;
      if (open.length > 0) return `not confirmed: ${open.join(', ')}`;
      return accounts.length === processes.targets.length ? null : `has accounts in ${accounts.map(({ target }) => target).join(', ')}`;
    },
  });
  const access = (person: Character, wanted: 'something' | 'nothing'): Check => ({
    text: `GraphQL: ${person.userName} has access to ${wanted} and ${wanted === 'nothing' ? 'no session' : 'a session'}`,
    find: async () => {
      const { grants, sessions } = await viewIdentity(reader, person.identityId);
      const held = grants.filter(({ endedAt }) => endedAt === null);
      const isRight = wanted === 'nothing' ? held.length + sessions.length === 0 : held.length > 0 && sessions.length > 0;
      return isRight ? null : `has access to ${held.map(({ name }) => name).join(', ') || 'nothing'} and ${sessions.length} sessions`;
    },
  });
  const page = (person: Character, isOpen: boolean): Check => ({
    text: `Browser: ${person.userName}'s session ${isOpen ? 'still opens' : 'no longer opens'} a page of their own`,
    find: async () => (isOwnPage(await person.browser.open(`${tenure.url}/me`), person.name) === isOpen ? null : `it ${isOpen ? 'does not' : 'does'}`),
  });
  const audited = (person: Character): Check => ({
    text: `Audit: answers for every grant and account of ${person.userName}`,
    find: async () => unanswered((await auditTrail(reader, person.identityId)).trail),
  });
  const people = [carla, bruno, olga];
  return [
    state(carla, 'LEFT'),
    state(bruno, 'LEFT'),
    state(olga, 'ACTIVE'),
    access(carla, 'nothing'),
    access(bruno, 'nothing'),
    access(olga, 'something'),
    page(carla, false),
    page(bruno, false),
    page(olga, true),
    ...people.map(audited),
  ];
}

function checksOfWhole({ reader, verifyAudit }: Stage): readonly Check[] {
  return [
    {
      text: 'GraphQL: there are three people, and no case waits for anybody',
      find: async () => {
        const { identities, cases } = await reader.ask<{ identities: { totalCount: number }; cases: { edges: readonly { node: { kind: string } }[] } }>(
          '{ identities { totalCount } cases(filter: { status: OPEN }) { edges { node { kind } } } }',
        );
        return identities.totalCount === 3 && cases.edges.length === 0
          ? null
          : `${identities.totalCount} people, open cases: ${cases.edges.map(({ node }) => node.kind).join(', ') || 'none'}`;
      },
    },
    {
      text: 'Audit: the hash chains are whole',
      find: async () => {
        const { problems } = await verifyAudit();
        return problems.length === 0 ? null : problems.join('; ');
      },
    },
  ];
}

function unanswered(trail: readonly Answered[]): string | null {
  const missing = trail.filter(({ came, went, isGone }) => came === null || came.why.length === 0 || (isGone && (went === null || went.why.length === 0)));
  return missing.length === 0 && trail.length > 0 ? null : `nothing says how these came or went: ${missing.map(({ what }) => what).join(', ')}`;
}
