import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A package as `npm query` shows it; only what matters here. */
interface QueriedPackage {
  readonly pkgid: string;
  readonly engines: { readonly node: string };
}

/**
 * Installed packages that do not support a Node: those of which npm warns at an install, there with the machine's Node.
 * @param version of Node, such as 24.21.0
 * @returns a line for each: its name, version and required Node
 * @throws Error when npm cannot be run
 */
export async function packagesThatRefuse(version: string): Promise<readonly string[]> {
  const selector = `:attr(engines, [node]):not(:semver(${version}, :attr(engines, [node])))`;
  const { stdout } = await promisify(execFile)('npm', ['query', selector], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  const found = JSON.parse(stdout) as readonly QueriedPackage[];
  return found.map(({ pkgid, engines }) => `${pkgid} wants Node ${engines.node}`);
}
