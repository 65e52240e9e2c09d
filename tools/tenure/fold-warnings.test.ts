import { describe, expect, it } from '@jest/globals';
import { foldWarnings } from './fold-warnings.ts';
import { type LogLine, readLogLine } from './log-line.ts';

const minute = 60_000;

function warning(fields: Readonly<Record<string, unknown>> = {}, process = 'worker'): LogLine {
  const line = readLogLine(JSON.stringify({ level: 40, time: '2026-11-29T12:00:00.000Z', msg: 'the target does not answer', ...fields }), process);
  if (line === null) throw new Error('no log entry');
  return line;
}
const unreachable = (target: string, code: string): LogLine => warning({ target, err: { type: 'Error', message: `connect ${code} 127.0.0.1:1`, code } });

describe('foldWarnings', () => {
  it('shows a warning at once, and not when it comes again', () => {
    const fold = foldWarnings();
    expect(fold.take(unreachable('crm', 'ECONNREFUSED'), 0)).toMatch(
      /Warning \(Worker\): the target does not answer: Error: connect ECONNREFUSED 127\.0\.0\.1:1 \[target: crm\]$/,
    );
    expect(fold.take(unreachable('crm', 'ECONNREFUSED'), 1)).toBeNull();
  });

  it('shows one about another target, for another reason or by another process', () => {
    const fold = foldWarnings();
    const lines = [
      unreachable('crm', 'ECONNREFUSED'),
      unreachable('erp', 'ECONNREFUSED'),
      unreachable('crm', 'ENOTFOUND'),
      warning({}, 'api'),
      warning({ level: 50 }),
    ];
    for (const line of lines) expect(fold.take(line, 0)).not.toBeNull();
  });

  it('takes those for the same that differ in numbers, ids and attempts', () => {
    const fold = foldWarnings();
    fold.take(warning({ msg: 'run 1 of 0198c5f0-9c53-7c47-8d7c-000000000001 failed', failures: 1 }), 0);
    expect(fold.take(warning({ msg: 'run 22 of 0198c5f0-9c53-7c47-8d7c-000000000002 failed', failures: 2 }), 0)).toBeNull();
  });

  it('says after a minute how often it came again, then after 2, 4, 8 … and every 60', () => {
    const fold = foldWarnings();
    const said: (readonly [number, number])[] = [];
    fold.take(unreachable('crm', 'ECONNREFUSED'), 0);
    for (let now = minute / 2; now <= 300 * minute; now += minute / 2) {
      fold.take(unreachable('crm', 'ECONNREFUSED'), now);
      for (const line of fold.due(now)) said.push([now / minute, Number(/\((\d+) times more in/.exec(line)?.[1])]);
    }
    expect(said).toEqual([
      [1, 2],
      [3, 4],
      [7, 8],
      [15, 16],
      [31, 32],
      [63, 64],
      [123, 120],
      [183, 120],
      [243, 120],
    ]);
  });

  it('shows it as news when it has been over in between', () => {
    const fold = foldWarnings();
    fold.take(unreachable('crm', 'ECONNREFUSED'), 0);
    expect(fold.due(minute)).toEqual([]);
    expect(fold.take(unreachable('crm', 'ECONNREFUSED'), 2 * minute)).not.toBeNull();
  });

  it('does not grow without limit', () => {
    const fold = foldWarnings();
    for (let index = 0; index < 1_000; index += 1) fold.take(unreachable(`target-${'x'.repeat(index % 150)}${index}`, 'ECONNREFUSED'), 0);
    for (let index = 0; index < 1_000; index += 1) fold.take(unreachable(`target-${'x'.repeat(index % 150)}${index}`, 'ECONNREFUSED'), 1);
    expect(fold.due(minute).length).toBeLessThanOrEqual(200);
  });
});
