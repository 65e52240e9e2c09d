import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openBoundedLog } from './bounded-log.ts';

describe('openBoundedLog', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenure-bounded-log-'));
    file = join(folder, 'logs', 'a.log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('keeps what an earlier start wrote, for its owner alone', () => {
    for (const text of ['first\n', 'second\n']) {
      const log = openBoundedLog(file);
      log.write(Buffer.from(text));
      log.close();
    }
    expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('never takes more than twice its limit, and keeps the newest', () => {
    const log = openBoundedLog(file, 100);
    for (let line = 1; line <= 1_000; line += 1) log.write(Buffer.from(`line ${String(line).padStart(4, '0')}\n`));
    log.close();
    expect(statSync(file).size + statSync(`${file}.1`).size).toBeLessThanOrEqual(200);
    expect(readFileSync(file, 'utf8')).toMatch(/line 1000\n$/);
    expect(readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8')).toMatch(/^line 0981\n(line \d{4}\n){18}line 1000\n$/);
  });

  (existsSync('/dev/full') ? test : test.skip)('a disk that takes nothing more ends nobody, and is asked again', () => {
    const log = openBoundedLog('/dev/full', 1_000_000);
    expect(() => log.write(Buffer.from('lost\n'))).not.toThrow();
    expect(() => log.write(Buffer.from('lost too\n'))).not.toThrow();
    expect(log.tail()).toBe('lost\nlost too\n');
    log.close();
  });
});
