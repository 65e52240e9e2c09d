import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

test.each(['throw', 'Promise.reject'])('an error that nobody caught (%s) is one log line without what it quotes, and the end', (way) => {
  const script = `
    import { endOnUncaught, errorForLog } from '@tenure/telemetry';
    endOnUncaught({ fatal: ({ err }, msg) => console.log(JSON.stringify({ err: errorForLog(err), msg })) });
    const error = Object.assign(new Error('refused "ada@example.com"'), { detail: 'Key (email)=(ada@example.com)', code: 'X1' });
    setImmediate(() => { ${way === 'throw' ? 'throw error' : 'void Promise.reject(error)'}; });
    setInterval(() => {}, 1000);`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', new URL('../../tools/load-typescript.js', import.meta.url).href, '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
      cwd: import.meta.dirname,
    },
  );
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ msg: 'ends because of an uncaught error', err: { type: 'Error', message: 'refused …', code: 'X1' } });
  expect(stdout + stderr).not.toContain('ada');
});
