import type { Trigger } from '@tenure/domain';
import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Names in this file are stored by Temporal: they are contracts. A renamed one keeps its old name until running lives end. */

export interface LifecycleInput {
  readonly identityId: string;
  /** What the run before this one had not answered yet. */
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

/** What a life is at, for operators and the console. */
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

export interface WaveInput {
  readonly waveId: string;
  readonly correlationId: string;
  readonly trigger: Trigger;
  /** Where the run before this one stopped. */
  readonly after?: string | null;
  readonly tally?: WaveTally;
}

/** What a wave has come to: people, and accounts in all targets together. */
export interface WaveTally {
  readonly people: number;
  readonly confirmed: number;
  readonly left: number;
  /** People for whom something has to wait, so that their own lives go on. */
  readonly woken: number;
}

export const waveType = 'wave';

export function waveWorkflowId(waveId: string): string {
  return `wave/${waveId}`;
}
