import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type InstallationLog, openInstallationLog } from './installation-log.ts';

describe('openInstallationLog', () => {
  let home: string;
  let shown: string[];
  let log: InstallationLog;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tenure-log-'));
    shown = [];
    log = openInstallationLog({ home, warn: (line) => void shown.push(line) });
  });
  afterEach(() => {
    log.close();
    rmSync(home, { recursive: true, force: true });
  });
  const entry = (level: number, msg: string): string => JSON.stringify({ level, time: '2026-11-29T12:00:00.000Z', name: 'worker', msg });
  const written = (): string[] => readFileSync(log.file, 'utf8').trim().split('\n');

  it('writes every line into the file, and shows warnings and errors, repeated ones once', () => {
    const lines = [entry(30, 'ready'), entry(40, 'late'), entry(40, 'late'), entry(50, 'failed'), entry(60, 'ends')];
    for (const line of lines) log.take(line, 'worker');
    expect(written()).toEqual(lines);
    expect(shown.map((line) => line.replace(/^\S+ +/, ''))).toEqual(['Warning (Worker): late', 'Error (Worker): failed', 'Error (Worker): ends']);
  });

  it('shows of a line that is no log entry only that there is one: nobody has looked what is in it', () => {
    log.take('Error: Key (email)=(ada@example.com) already exists', 'api');
    log.take('    at somewhere.js:1:1', 'api');
    log.take('', 'api');
    expect(written()).toHaveLength(2);
    expect(shown).toEqual([expect.stringMatching(/Warning \(API\): wrote what is no log entry: see .*\/logs\/tenure\.log$/)]);
  });

  it('keeps what npm start says, and what an earlier start wrote', () => {
    log.note('Tenure has stopped.');
    log.close();
    log = openInstallationLog({ home, warn: () => undefined });
    log.note('The worker ended by itself.');
    expect(written().map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['Tenure has stopped.', 'The worker ended by itself.']);
  });
});
