import { type Answered, auditTrail } from '../audit-trail.ts';
import type { AuditEventView } from '../audit-events.ts';
import { must } from '../must.ts';
import type { Stage } from '../stage.ts';
import type { Cast } from './story.ts';

/** Step 8. */
export async function auditAnswers(stage: Stage, cast: Cast): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('8', 'The audit answers for every grant and every account');
  narrator.say('World', 'Who or what, when, and by which rule of which policy version, resting on whose record. Times are UTC.');
  narrator.line();
  const rows: (readonly string[])[] = [['', 'came', 'by', 'went', 'by', 'because of rule@version (record of)']];
  for (const { identityId } of [cast.carla, cast.bruno, cast.olga]) {
    const { view, trail } = await auditTrail(reader, identityId);
    rows.push([view.userName], ...trail.flatMap((answered) => rowsOf(stage, answered)));
  }
  narrator.wide(rows);
  narrator.line();
  const { events, problems } = await stage.verifyAudit();
  must(problems.length === 0, `the audit's chains do not hold: ${problems.join('; ')}`);
  narrator.say('Tenure', `All ${events} audit events stand in their hash chains, none changed, removed or inserted (what npm run audit:verify checks).`);
}

/** One row, and one more for each further rule. */
function rowsOf({ nameOfActor }: Stage, { what, came, went, why }: Answered): readonly (readonly string[])[] {
  const by = (event: AuditEventView | null): string => (event === null ? '' : nameOfActor(event.actor.id));
  const [first = '', ...others] = why;
  return [[`  ${what}`, time(came), by(came), time(went), by(went), first], ...others.map((rule) => ['', '', '', '', '', rule])];
}

function time(event: AuditEventView | null): string {
  return event === null ? '' : event.at.slice(11, 19);
}
