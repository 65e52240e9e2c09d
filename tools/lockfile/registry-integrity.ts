import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { UnprovedPackage } from './integrity.ts';

/** Returns the registry's digest of one package, through npm. */
export async function registryIntegrity({ name, version }: UnprovedPackage): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['view', `${name}@${version}`, 'dist.integrity'], { encoding: 'utf8' });
  return stdout.trim();
}
