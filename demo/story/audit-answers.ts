import { type Answered, type AnsweredEvent, auditTrail } from '../audit-trail.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import type { Cast } from './cast.ts';

/** Step 9. */
export async function auditAnswers(stage: Stage, cast: Cast): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('9', 'The audit answers for every grant and every account');
  narrator.say('World', 'When and by whom, and by which rule of which policy version (rule@version), resting on whose record. Times are UTC.');
  narrator.line();
  const rows: (readonly string[])[] = [];
  for (const { identityId } of [cast.carla, cast.bruno, cast.olga]) {
    const { view, trail } = await auditTrail(reader, identityId);
    rows.push([view.userName], ...trail.flatMap((answered) => rowsOf(stage, answered)));
  }
  narrator.wide(rows);
  narrator.line();
  const { events, problems } = await stage.verifyAudit();
  must(problems.length === 0, `the audit's chains are not valid: ${problems.join('; ')}`);
  narrator.say('Tenure', `All ${events} audit events stand in their hash chains, none changed, removed or inserted (what npm run audit:verify checks).`);
}

/** A row for each thing that happened, and one more for each further rule. */
function rowsOf({ nameOfActor }: Stage, { what, came, changed, went }: Answered): readonly (readonly string[])[] {
  const rows = (verb: string, { event, why }: AnsweredEvent): readonly (readonly string[])[] =>
    why.map((one, index) => (index === 0 ? ['', verb, event.at.slice(11, 19), nameOfActor(event.actor.id), one] : ['', '', '', '', one]));
  const isAccount = came?.event.action === 'account.create';
  const all = [
    ...(came === null ? [] : rows(isAccount ? 'created' : 'given', came)),
    ...changed.flatMap((one) => rows(isAccount ? 'disabled' : 'changed', one)),
    ...(went === null ? [] : rows(isAccount ? 'deleted' : 'ended', went)),
  ];
  return all.map(([, ...cells], index) => [index === 0 ? `  ${what}` : '', ...cells]);
}
