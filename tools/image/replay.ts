import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readLockfile } from '../lockfile/lockfile-file.ts';
import { buildContext } from './build-context.ts';
import { instructionsOf } from './instructions.ts';
import { productionPackages } from './production-packages.ts';

/** Files and settings that the last stage of a Dockerfile leaves. */
export interface ReplayedImage {
  /** Its / */
  readonly files: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/** Places in the image that its commands name. */
const absolute = /(?<![\w/.])\/(sources|manifests|tenure|anchors)\b/g;

/**
 * Carries out a Dockerfile, in its order, without an engine: a stage is a folder. Packages are not fetched: they are links to those that are
 * installed here, and npm only checks whether it could install by the files that are there.
 * @param root folder of the Dockerfile
 * @param folder an empty one of the same file system
 */
export async function replay(root: string, folder: string): Promise<ReplayedImage> {
  const stages = new Map<string, string>();
  let files = '';
  let workingDirectory = '/';
  let environment: Record<string, string> = {};
  let command: readonly string[] = [];
  const inStage = (path: string): string => join(files, path.startsWith('/') ? path : join(workingDirectory, path));
  const placed = (text: string): string => text.replace(absolute, (path) => join(files, path));

  for (const { name, text } of instructionsOf(readFileSync(join(root, 'Dockerfile'), 'utf8'))) {
    if (name === 'FROM') {
      const stage = text.split(' AS ')[1] ?? 'image';
      files = join(folder, stage);
      stages.set(stage, files);
      [workingDirectory, environment] = ['/', {}];
      mkdirSync(files);
    } else if (name === 'WORKDIR') {
      workingDirectory = text;
      mkdirSync(inStage('.'), { recursive: true });
    } else if (name === 'ENV') {
      for (const [, key = '', quoted, plain] of placed(text).matchAll(/(?<=^| )([A-Za-z_]\w{0,60})=(?:"([^"]*)"|([^\s"]\S*))/g))
        environment[key] = quoted ?? plain ?? '';
    } else if (name === 'COPY') {
      const from = /^--from=(\S+) /.exec(text)?.[1];
      const words = text.replace(/^--from=\S+ /, '').split(' ');
      const target = words.pop() ?? '';
      for (const source of words) copy(from === undefined ? null : (stages.get(from) ?? ''), source, target);
    } else if (name === 'RUN') {
      for (const step of placed(text).split(' && ')) await run(step);
    } else if (name === 'CMD') command = JSON.parse(text) as string[];
  }
  return { files, workingDirectory: join(files, workingDirectory), environment, command };

  /** @param stage where from; null: from the context */
  function copy(stage: string | null, source: string, target: string): void {
    if (stage !== null) {
      link(join(stage, source), target);
      return;
    }
    const context = buildContext(root, readFileSync(join(root, '.dockerignore'), 'utf8'));
    const chosen = source === '.' ? context : context.filter((path) => path === source || path.startsWith(`${source}/`));
    if (chosen.length === 0) throw new Error(`COPY ${source}: .dockerignore keeps it away`);
    for (const path of chosen) cpSync(join(root, path), join(inStage(target), path), { recursive: true });
  }

  /** Links files as Docker copies them: of a folder its content; of a file itself, into a folder that is there. */
  function link(source: string, target: string): void {
    const isFolder = statSync(source).isDirectory();
    const place = !isFolder && target.endsWith('/') ? join(target, basename(source)) : target;
    mkdirSync(isFolder ? inStage(place) : dirname(inStage(place)), { recursive: true });
    execFileSync('cp', ['-al', isFolder ? `${source}/.` : source, inStage(place)]);
  }

  async function run(step: string): Promise<void> {
    const cwd = inStage('.');
    if (step.startsWith('npm ci')) await install(step, cwd);
    // Only root may give files away.
    else shell(step.replace('-o node -g node ', ''), cwd);
  }

  async function install(step: string, cwd: string): Promise<void> {
    shell(`${step} --dry-run --offline --ignore-scripts`, cwd);
    const ofWorkspaces = [...step.matchAll(/--workspace=(\S+)/g)].map(([, workspace = '']) => workspace);
    if (ofWorkspaces.length === 0) return void execFileSync('cp', ['-al', join(root, 'node_modules'), join(cwd, 'node_modules')]);
    const places = productionPackages(await readLockfile(), ofWorkspaces);
    execFileSync('cp', ['-al', '--parents', ...places, cwd], { cwd: root });
  }
}

function shell(step: string, cwd: string): void {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  execFileSync('sh', ['-c', step], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
}
