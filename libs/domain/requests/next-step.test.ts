import { describe, expect, test } from '@jest/globals';
import { type ItemProgress, type ItemStep, nextStep } from './next-step.ts';
import type { ApprovalStage } from './request-policy.ts';

const now = '2026-03-02T09:00:00.000Z';
const past = '2026-03-02T08:59:59.999Z';
const ahead = '2026-03-04T09:00:00.000Z';
const stage = (more: Partial<ApprovalStage> = {}): ApprovalStage => ({
  name: 'manager',
  approvers: [{ kind: 'manager' }],
  quorum: 1,
  deadline: 'P2D',
  escalateTo: [],
  otherwise: 'deny',
  ...more,
});
const yes = (place: string) => ({ place, approves: true });
const no = (place: string) => ({ place, approves: false });
const next = (kind: 'answers' | 'deadline'): ItemStep => ({ kind: 'next', by: kind });

describe('what becomes of an open item', () => {
  for (const [title, given, step] of [
    ['waits for the first of reminder and deadline', { remindAt: '2026-03-03T09:00:00.000Z' }, { kind: 'wait', until: '2026-03-03T09:00:00.000Z' }],
    ['goes on when enough have approved', { votes: [yes('a')] }, next('answers')],
    ['counts one place once, whoever answers in it', { stage: stage({ quorum: 2 }), votes: [yes('a'), yes('a')] }, { kind: 'wait', until: ahead }],
    ['escalates at once when fewer are asked than have to approve', { stage: stage({ quorum: 3 }), votes: [yes('a')] }, { kind: 'escalate', why: 'too-few' }],
    ['waits for the others of a quorum even then', { stage: stage({ quorum: 3 }), votes: [yes('a')], level: 1 }, { kind: 'wait', until: ahead }],
    ['goes on with the quorum', { stage: stage({ quorum: 2 }), votes: [yes('a'), yes('b')] }, next('answers')],
    ['is denied by one, whatever others say', { stage: stage({ quorum: 2 }), votes: [yes('a'), yes('b'), no('c')] }, { kind: 'denied', why: 'denied' }],
    ['counts answers that came before the deadline', { dueAt: past, votes: [yes('a')] }, next('answers')],
    ['reminds', { remindAt: past }, { kind: 'remind' }],
    ['escalates at the deadline, and at its very instant', { dueAt: now }, { kind: 'escalate', why: 'deadline' }],
    ['escalates at once when nobody can be asked', { asked: 0 }, { kind: 'escalate', why: 'nobody' }],
    ['waits when nobody can be asked even then', { asked: 0, level: 1 }, { kind: 'wait', until: ahead }],
    ['is denied at the last deadline', { level: 1, dueAt: past }, { kind: 'denied', why: 'deadline' }],
    ['is approved by silence only where policy says so', { level: 1, dueAt: past, stage: stage({ otherwise: 'approve' }) }, next('deadline')],
    [
      'is never approved by the silence of nobody',
      { level: 1, dueAt: past, stage: stage({ otherwise: 'approve' }), asked: 0, everAsked: false },
      { kind: 'denied', why: 'nobody' },
    ],
    ['is approved behind the last stage', { index: 1 }, { kind: 'approved' }],
  ] as readonly [
    string,
    Partial<ItemProgress> & { asked?: number; everAsked?: boolean; votes?: { place: string; approves: boolean }[]; stage?: never; index?: number },
    ItemStep,
  ][]) {
    test(title, () => {
      const { votes = [], asked = 1, everAsked = true, index = 0, stage: only = stage(), ...more } = given as typeof given & { stage?: ApprovalStage };
      const progress: ItemProgress = { level: 0, dueAt: ahead, remindAt: null, ...more, stages: [only], stage: index };
      expect(nextStep(progress, votes, asked, everAsked, now)).toEqual(step);
    });
  }
});
