import { type AccessName, evaluateBreakGlass, evaluateRequest, offered, type RequestEvaluation } from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';
import { mayAnswer } from '../approvers/answerer-of.ts';
import { answersFor } from '../approvers/answering-owners.ts';
import type { Caller, Role } from '../callers/caller.ts';
import type { Engine } from '../decide/engine.ts';
import { mustMayAskFor } from './open-request.ts';
import { questionAbout } from './question-about.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { observedTargets } from '../targets/observed-targets.ts';
import { onlyObservedIn } from './only-observed-in.ts';
import { titleOf } from './title-of.ts';

/** Entry of the catalogue, evaluated for one person as if it were approved now. */
export interface CatalogueEntry extends AccessName {
  /** Reason why it may not be requested; `null`: it may. */
  readonly reason: RequestEvaluation['refusal'] | 'asked-already';
  readonly longest: string | null;
  readonly title: string;
  /** Names of targets that are only observed, in which it would be. */
  readonly observedTargets: readonly string[];
  /** `mayBeExcepted`: the rule has an owner who can grant an exception from it. */
  readonly conflicts: readonly (RequestEvaluation['conflicts'][number] & { readonly mayBeExcepted: boolean })[];
}

/** The catalogue for one person, for a caller who may read everything or request for that person. @throws Forbidden, NotFound */
export async function catalogueFor(
  tx: Transaction,
  engine: Engine,
  { id, roles }: Pick<Caller, 'id' | 'roles'>,
  identityId: string,
): Promise<readonly CatalogueEntry[]> {
  if (!readers.some((role) => roles.has(role))) await mustMayAskFor(tx, engine, identityId, id);
  return catalogueOf(tx, engine, identityId);
}

const readers: readonly Role[] = ['admin', 'operator', 'auditor'];

/** Access that policy offers to anybody, with the objections for this person. @throws NotFound */
async function catalogueOf(tx: Transaction, engine: Engine, identityId: string): Promise<readonly CatalogueEntry[]> {
  const question = await questionAbout(tx, engine, identityId);
  const { document } = question.policy;
  const mayBeExcepted = (rule: string): boolean => document.separation.find(({ name }) => name === rule)?.owner !== undefined;
  const observed = await observedTargets(tx);
  const entries: CatalogueEntry[] = [];
  for (const one of offered(document.requestable)) {
    const { rule, refusal, conflicts } = evaluateRequest(question, { ...one, duration: null }, []);
    const isOpen = await tx.requests.hasOpenItem(identityId, one.kind, one.name);
    entries.push({
      ...one,
      title: titleOf(document, one),
      observedTargets: onlyObservedIn(engine.configuration, document, one, observed).map(({ name }) => name),
      reason: refusal ?? (isOpen ? 'asked-already' : null),
      longest: rule?.longest ?? null,
      conflicts: conflicts.map((conflict) => ({ ...conflict, mayBeExcepted: mayBeExcepted(conflict.rule) })),
    });
  }
  return entries;
}

/** Entry that a person could take as break-glass access. */
export interface BreakGlassEntry extends AccessName {
  readonly title: string;
  readonly longest: string;
  /** Rules of separation that it would break for its time. */
  readonly conflicts: RequestEvaluation['conflicts'];
}

/** Roles and entitlements that this person could take as break-glass access. @throws NotFound */
export async function breakGlassCatalogueOf(tx: Transaction, engine: Engine, identityId: string): Promise<readonly BreakGlassEntry[]> {
  const question = await questionAbout(tx, engine, identityId);
  const { document } = question.policy;
  return offered(document.breakGlass).flatMap((one): BreakGlassEntry[] => {
    const { rule, refusal, exceptions } = evaluateBreakGlass(question, { ...one, duration: null });
    return rule === null || refusal !== null ? [] : [{ ...one, title: titleOf(document, one), longest: rule.longest, conflicts: exceptions }];
  });
}

/** True if a person is the owner of a role or entitlement that another has, or the case has been assigned to them. */
export async function mayDecideRequestedAccess(tx: Transaction, engine: Engine, { id, identityId, kind, name }: RequestItem, by: string): Promise<boolean> {
  if (await mayAnswer(tx, `requested-access-questionable/${id}`, by)) return true;
  const policy = await currentPolicy(tx, engine);
  const known = kind === 'role' ? policy.document.roles : policy.document.entitlements;
  const owner = Object.hasOwn(known, name) ? known[name]?.owner : undefined;
  if (owner === undefined) return false;
  return answersFor(tx, engine, [owner], identityId, by);
}
