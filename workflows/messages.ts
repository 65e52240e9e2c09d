import type { Trigger } from '@tenure/domain';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** Names in this file are stored by Temporal: they are contracts. A renamed one keeps its old name until running lives end. */

export interface LifecycleInput {
  readonly identityId: string;
  /** Signals that the run before this one had not answered yet. */
  readonly wake?: Wake | null;
}

/** Something changed about the person: ask again. */
export interface Wake {
  readonly trigger: Trigger;
  readonly correlationId: string;
  /** The span that it goes on from (W3C Trace Context), where the installation is traced. */
  readonly traceparent?: string;
}

export const factsChangedSignal = defineSignal<[Wake]>('factsChanged');

/** Status of an identity lifecycle, for operators and the console. */
export interface LifeStatus {
  readonly stage: string;
  readonly state: string;
  readonly why: string;
  readonly nextWakeUp: string | null;
  /** Targets that are being worked on. */
  readonly applying: readonly string[];
  /** Targets that wait for a person to close a case. */
  readonly waiting: readonly string[];
}

export const statusQuery = defineQuery<LifeStatus>('status');
export const nextWakeUpQuery = defineQuery<string | null>('nextWakeUp');

export const identityLifecycleType = 'identityLifecycle';

/** One life per identity, so that its events take turns. */
export function identityWorkflowId(identityId: string): string {
  return `identity/${identityId}`;
}

export const urgentProvisioningType = 'urgentProvisioning';

export function urgentWorkflowId(identityId: string): string {
  return `urgent/${identityId}`;
}

export interface WaveInput {
  readonly waveId: string;
  readonly correlationId: string;
  readonly trigger: Trigger;
  /** Where the run before this one stopped. */
  readonly after?: string | null;
  readonly tally?: WaveTally;
}

/** Tally of a batch: people, and accounts in all targets together. */
export interface WaveTally {
  readonly people: number;
  readonly confirmed: number;
  readonly left: number;
  /** People for whom something has to wait, so that their own lives go on. */
  readonly woken: number;
}

/** Something of the batch was approved, or is to be looked at again: it goes on when it would have ended. */
export const batchReleasedSignal = defineSignal('batchReleased');

export const waveType = 'wave';

export function waveWorkflowId(waveId: string): string {
  return `wave/${waveId}`;
}

export interface RequestWorkflowInput {
  readonly requestId: string;
  readonly correlationId: string;
}

/** Something about the request changed, such as an answer that was counted, or about its approvers: look again. */
export const requestChangedSignal = defineSignal<[{ readonly correlationId: string }]>('requestChanged');

/**
 * Evaluates and counts a stored answer, by its id. Only API processes of before version 0.2 send it, and histories of then hold it: an answer is evaluated in
 * the API's transaction, and `requestChanged` follows by the outbox. Kept until no such process and no such run exists.
 * Refused with the code as the failure's type: REQUEST_CLOSED, NOT_YOUR_DECISION, OWN_REQUEST.
 */
export const decideUpdate = defineUpdate<void, [{ readonly answerId: string; readonly correlationId: string }]>('decide');

/** A case was opened, or who answers one may be gone: look again. */
export const inboxChangedSignal = defineSignal('inboxChanged');

export interface InboxInput {
  readonly correlationId: string;
}

export const inboxType = 'inbox';

/** There is one inbox. */
export const inboxWorkflowId = 'inbox';

export const accessRequestType = 'accessRequest';

export function requestWorkflowId(requestId: string): string {
  return `request/${requestId}`;
}

export interface ReconcileTargetInput {
  readonly target: string;
}

export const reconcileTargetType = 'reconcileTarget';

/** Id of the schedule of a target, and of the workflows that it starts, to which Temporal adds the time. */
export function reconciliationScheduleId(target: string): string {
  return `reconcile/${target}`;
}
