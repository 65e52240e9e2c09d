import { packagesWithoutIntegrity, withIntegrity } from './lockfile/integrity.ts';
import { readLockfile, writeLockfile } from './lockfile/lockfile-file.ts';
import { completeLockfile, missingPackages } from './lockfile/missing-packages.ts';
import { registryIntegrity } from './lockfile/registry-integrity.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run lockfile: after every npm install that changed package-lock.json.
await runTool(async () => {
  const lockfile = await readLockfile();
  const missing = missingPackages(lockfile);
  const complete = completeLockfile(lockfile);
  const digests = new Map<string, string>();
  for (const unproved of packagesWithoutIntegrity(complete)) digests.set(unproved.place, await registryIntegrity(unproved));
  if (missing.length > 0 || digests.size > 0) await writeLockfile(withIntegrity(complete, digests));
  process.stdout.write(
    missing.length === 0 && digests.size === 0
      ? 'package-lock.json is complete.\n'
      : `package-lock.json completed with ${missing.length} packages of other platforms and ${digests.size} digests.\n`,
  );
  return 0;
});
