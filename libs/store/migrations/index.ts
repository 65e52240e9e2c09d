import { Migration0001Schema } from './0001-schema.ts';
import { Migration0002Guards } from './0002-guards.ts';
import { Migration0003Changes } from './0003-changes.ts';
import { Migration0004Observed } from './0004-observed.ts';
import { Migration0005Relationships } from './0005-relationships.ts';
import { Migration0006Waves } from './0006-waves.ts';
import { Migration0011Requests } from './0011-requests.ts';
import { Migration0012Readings } from './0012-readings.ts';
import { Migration0013CaseOwners } from './0013-case-owners.ts';
import { Migration0020CheaperNotices } from './0020-cheaper-notices.ts';
import { Migration0030ChangeBudget } from './0030-change-budget.ts';
import { Migration0031Imports } from './0031-imports.ts';
import { Migration0032Inbox } from './0032-inbox.ts';
import { Migration0033Holds } from './0033-holds.ts';
import { Migration0034Delegations } from './0034-delegations.ts';
import { Migration0035BreakGlass } from './0035-break-glass.ts';
import { Migration0036Notices } from './0036-notices.ts';
import { Migration0037NoticeDelivery } from './0037-notice-delivery.ts';
import { Migration0038Sponsors } from './0038-sponsors.ts';
import { Migration0039Inactivity } from './0039-inactivity.ts';
import { Migration0040Pages } from './0040-pages.ts';
import { Migration0041QuietTurns } from './0041-quiet-turns.ts';

/** In order. A name that has been released never changes: the database remembers it. */
export const migrationsList = [
  { name: '0001-schema', class: Migration0001Schema },
  { name: '0002-guards', class: Migration0002Guards },
  { name: '0003-changes', class: Migration0003Changes },
  { name: '0004-observed', class: Migration0004Observed },
  { name: '0005-relationships', class: Migration0005Relationships },
  { name: '0006-waves', class: Migration0006Waves },
  { name: '0011-requests', class: Migration0011Requests },
  { name: '0012-readings', class: Migration0012Readings },
  { name: '0013-case-owners', class: Migration0013CaseOwners },
  { name: '0020-cheaper-notices', class: Migration0020CheaperNotices },
  { name: '0030-change-budget', class: Migration0030ChangeBudget },
  { name: '0031-imports', class: Migration0031Imports },
  { name: '0032-inbox', class: Migration0032Inbox },
  { name: '0033-holds', class: Migration0033Holds },
  { name: '0034-delegations', class: Migration0034Delegations },
  { name: '0035-break-glass', class: Migration0035BreakGlass },
  { name: '0036-notices', class: Migration0036Notices },
  { name: '0037-notice-delivery', class: Migration0037NoticeDelivery },
  { name: '0038-sponsors', class: Migration0038Sponsors },
  { name: '0039-inactivity', class: Migration0039Inactivity },
  { name: '0040-pages', class: Migration0040Pages },
  { name: '0041-quiet-turns', class: Migration0041QuietTurns },
];
