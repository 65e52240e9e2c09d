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
  const rows: (readonly string[])[] = [['', 'came', 'by', 'because of (record of)', 'went', 'by']];
  for (const { identityId } of [cast.carla, cast.bruno, cast.olga]) {
    const { view, trail } = await auditTrail(reader, identityId);
    rows.push([view.userName], ...trail.map(row));
  }
  narrator.wide(rows);
  narrator.line();
  const { events, problems } = await stage.verifyAudit();
  must(problems.length === 0, `the audit's chains do not hold: ${problems.join('; ')}`);
  narrator.say('Tenure', `All ${events} audit events stand in their hash chains, none changed, removed or inserted (what npm run audit:verify checks).`);
}

function row({ what, came, went, why }: Answered): readonly string[] {
  return [`  ${what}`, time(came), came?.actor.id ?? '', why, time(went), went?.actor.id ?? ''];
}

function time(event: AuditEventView | null): string {
  return event === null ? '' : event.at.slice(11, 19);
}
