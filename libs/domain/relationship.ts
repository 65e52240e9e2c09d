import { instantOf } from './dates.ts';
import type { Identity, Instant } from './facts.ts';

/** One bound of a person's relationship, with the source record that says so. */
export interface RelationshipBound {
  readonly at: Instant;
  readonly recordId: string;
  /** `attribute`: startDate or endDate; `record`: a source reported the end. */
  readonly by: 'attribute' | 'record';
}

/** When a relationship begins and ends, as far as facts say. The earliest end counts. */
export function relationship(identity: Identity, timeZone: string): { start: RelationshipBound | null; end: RelationshipBound | null } {
  const dated = bound(identity, 'endDate', 'end', timeZone);
  const reported = identity.ended && { at: identity.ended.at, recordId: identity.ended.recordId, by: 'record' as const };
  const end = dated === null || (reported !== null && reported.at <= dated.at) ? reported : dated;
  return { start: bound(identity, 'startDate', 'start', timeZone), end };
}

function bound(identity: Identity, name: string, edge: 'start' | 'end', timeZone: string): RelationshipBound | null {
  const attribute = identity.attributes[name];
  const at = attribute === undefined ? null : instantOf(attribute.value, edge, timeZone);
  return attribute === undefined || at === null ? null : { at, recordId: attribute.recordId, by: 'attribute' };
}
