import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';

/**
 * Writes the demo's configuration once more, without the directory and all that leads there, for machines without slapd.
 * @param from the folder of tenure.yaml @param to where the copy goes
 */
export async function writeConfigurationWithoutDirectory(from: string, to: string): Promise<void> {
  await mkdir(join(to, 'policy'), { recursive: true });
  const tenure = parseDocument(await readFile(join(from, 'tenure.yaml'), 'utf8'));
  tenure.deleteIn(['targets', 'directory']);
  await writeFile(join(to, 'tenure.yaml'), tenure.toString({ lineWidth: 0 }));
  await writeFile(join(to, 'policy', 'access.yaml'), withoutEntitlements(await readFile(join(from, 'policy', 'access.yaml'), 'utf8')));
}

function withoutEntitlements(text: string): string {
  const policy = parseDocument(text);
  const isOfDirectory = (node: unknown): boolean => isScalar(node) && typeof node.value === 'string' && node.value.startsWith('directory.');
  visit(policy, {
    Pair: (_key, pair) => (isOfDirectory(pair.key) ? visit.REMOVE : undefined),
    Scalar: (_key, node, path) => (isSeq(path.at(-1)) && isOfDirectory(node) ? visit.REMOVE : undefined),
  });
  // A rule that gave nothing else has nothing left to give.
  const rules = policy.get('birthright');
  if (isSeq(rules))
    rules.items = rules.items.filter((rule) => isMap(rule) && !gaveOnlyThat(rule.toJSON() as { entitlements?: readonly string[]; roles?: readonly string[] }));
  return policy.toString({ lineWidth: 0 });
}

function gaveOnlyThat({ entitlements = [], roles = [] }: { readonly entitlements?: readonly string[]; readonly roles?: readonly string[] }): boolean {
  return entitlements.length === 0 && roles.length === 0;
}
