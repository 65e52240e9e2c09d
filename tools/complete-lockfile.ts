import { readLockfile, writeLockfile } from './lockfile/lockfile-file.ts';
import { completeLockfile, missingPackages } from './lockfile/missing-packages.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run lockfile: after every npm install that changed package-lock.json.
await runTool(async () => {
  const lockfile = await readLockfile();
  const missing = missingPackages(lockfile);
  if (missing.length > 0) await writeLockfile(completeLockfile(lockfile));
  process.stdout.write(
    missing.length === 0 ? 'package-lock.json is complete.\n' : `package-lock.json completed with ${missing.length} packages of other platforms.\n`,
  );
  return 0;
});
