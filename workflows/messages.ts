import type { Trigger } from '@tenure/domain';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** Names in this file are stored by Temporal: they are contracts. A renamed one keeps its old name until running workflows end. */

export interface LifecycleInput {
  readonly identityId: string;
  /** Signals that the run before this one had not answered yet. */
  readonly wake?: Wake | null;
}

/** Signal that something changed about the person, so that they are decided again. */
export interface Wake {
  readonly trigger: Trigger;
  readonly correlationId: string;
  /** Span from which it continues (W3C Trace Context), where the installation is traced. */
  readonly traceparent?: string;
}

export const factsChangedSignal = defineSignal<[Wake]>('factsChanged');

/** Status of an identity lifecycle, for operators and the console. */
export interface LifeStatus {
  readonly stage: string;
  readonly state: string;
  readonly why: string;
  readonly nextWakeUp: string | null;
  /** Names of targets that are being provisioned. */
  readonly applying: readonly string[];
  /** Names of targets that wait for a person to close a case. */
  readonly waiting: readonly string[];
}

export const statusQuery = defineQuery<LifeStatus>('status');
export const nextWakeUpQuery = defineQuery<string | null>('nextWakeUp');

export const identityLifecycleType = 'identityLifecycle';

/** Id of the lifecycle workflow of an identity: one for each, so that its events take turns. */
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
  /** Id at which the run before this one stopped. */
  readonly after?: string | null;
  readonly tally?: WaveTally;
}

/** Tally of a batch: people, and accounts in all targets together. */
export interface WaveTally {
  readonly people: number;
  readonly confirmed: number;
  readonly left: number;
  /** Number of people for whom something has to wait, so that their own lifecycle workflows continue. */
  readonly woken: number;
}

/** Signal that a part of the batch was approved, or is to be looked at again: the workflow continues when it would have ended. */
export const batchReleasedSignal = defineSignal('batchReleased');

export const waveType = 'wave';

export function waveWorkflowId(waveId: string): string {
  return `wave/${waveId}`;
}

export interface RequestWorkflowInput {
  readonly requestId: string;
  readonly correlationId: string;
}

/** Signal that the request or its approvers changed, such as by an answer that was counted, so that it is looked at again. */
export const requestChangedSignal = defineSignal<[{ readonly correlationId: string }]>('requestChanged');

/**
 * Evaluates and counts a stored answer, by its id. Only API processes of before version 0.2 send it, and histories of that time contain it: an answer
 * is evaluated in the API's transaction, and `requestChanged` follows by the outbox. Kept until no such process and no such run exists. Refused with
 * the code as the failure's type: REQUEST_CLOSED, NOT_YOUR_DECISION, OWN_REQUEST.
 */
export const decideUpdate = defineUpdate<void, [{ readonly answerId: string; readonly correlationId: string }]>('decide');

/** Signal that a case was opened, or that the owner of one may be gone, so that cases are looked at again. */
export const inboxChangedSignal = defineSignal('inboxChanged');

export interface InboxInput {
  readonly correlationId: string;
}

export const inboxType = 'inbox';

/** Id of the workflow of the inbox, of which there is one. */
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

export interface TendQuarantineInput {
  readonly target: string;
}

export const tendQuarantineType = 'tendQuarantine';

/** Id of the workflow of the accounts in quarantine of a target, of which one runs at a time. */
export function quarantineWorkflowId(target: string): string {
  return `quarantine/${target}`;
}
