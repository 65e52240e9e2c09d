import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runPolicyTest } from '@tenure/engine/policy';
import { type Configuration, loadPolicyTests } from '@tenure/config';
import { compilePolicy } from '@tenure/domain';
import { parse, parseDocument, stringify } from 'yaml';
import { loadFiles } from './policy/load-files.ts';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const pages = readdirSync(join(docs, 'how-to')).sort();
/** The pages use the same targets, attributes and roles as the demo; each has rules of its own. */
const demo = fileURLToPath(new URL('../demo/configuration/', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-how-to-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function blocks(page: string, language: string): readonly string[] {
  return [...readFileSync(join(docs, page), 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
}

/** Writes the files of a page into a configuration of its own, each block as a file, and reads it as a start would. */
async function loadPage(page: string): Promise<Configuration> {
  const folder = join(directory, page);
  await mkdir(join(folder, 'policy', 'tests'), { recursive: true });
  const tenure = parseDocument(readFileSync(join(demo, 'tenure.yaml'), 'utf8'));
  const { entitlements, roles } = parse(readFileSync(join(demo, 'policy', 'access.yaml'), 'utf8')) as Readonly<Record<string, unknown>>;
  await writeFile(join(folder, 'policy', 'demo.yaml'), stringify({ entitlements, roles }));
  for (const [index, block] of blocks(join('how-to', page), 'yaml').entries()) {
    if (block.startsWith('# tenure.yaml')) {
      type Entries = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      const { sources = {}, applications = {} } = parse(block) as { readonly sources?: Entries; readonly applications?: Entries };
      for (const [source, entry] of Object.entries(sources)) for (const [name, value] of Object.entries(entry)) tenure.setIn(['sources', source, name], value);
      for (const [application, entry] of Object.entries(applications)) tenure.setIn(['applications', application], entry);
      continue;
    }
    const isTest = block.startsWith('# policy/tests/');
    await writeFile(join(folder, 'policy', isTest ? 'tests' : '', `page-${index}.yaml`), block);
  }
  await writeFile(join(folder, 'tenure.yaml'), String(tenure));
  return loadFiles(folder, {});
}

describe('the how-tos', () => {
  test.each(pages)('%s: what it says to write is a policy that is valid, and gives what its tests say', async (page) => {
    const configuration = await loadPage(page);
    const policy = compilePolicy(configuration.policy, 1);
    for (const one of await loadPolicyTests(configuration.directory)) expect(runPolicyTest(one, policy, configuration)).toEqual([]);
  });
});

describe('the documentation', () => {
  const all = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  const linksOf = (page: string): readonly string[] =>
    [...readFileSync(join(docs, page), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));

  test('links lead to files that are there', () => {
    const dead = all.flatMap((page) => linksOf(page).flatMap((link) => (existsSync(join(docs, dirname(page), link)) ? [] : [`${page}: ${link}`])));
    expect(dead).toEqual([]);
  });

  test('its index leads to every page', () => {
    const listed = linksOf('README.md');
    const missing = all.filter((page) => page !== 'README.md' && !page.startsWith('decisions/') && !listed.includes(page));
    expect(missing).toEqual([]);
  });
});
