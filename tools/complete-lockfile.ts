import { placesWithEngines, withoutEngines } from './lockfile/engines.ts';
import { packagesWithoutIntegrity, withIntegrity } from './lockfile/integrity.ts';
import { readLockfile, writeLockfile } from './lockfile/lockfile-file.ts';
import { completeLockfile, missingPackages } from './lockfile/missing-packages.ts';
import { registryIntegrity } from './lockfile/registry-integrity.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = { command: 'npm run lockfile', does: 'Completes package-lock.json for all platforms. Run it after every npm install that changed the file.' };

await runTool(async () => {
  readOptions(usage, {});
  const lockfile = await readLockfile();
  const missing = missingPackages(lockfile);
  const engines = placesWithEngines(lockfile);
  const complete = withoutEngines(completeLockfile(lockfile));
  const digests = new Map<string, string>();
  for (const unproved of packagesWithoutIntegrity(complete)) digests.set(unproved.place, await registryIntegrity(unproved));
  const changes = [
    ...(missing.length > 0 ? [`added ${missing.length} packages of other platforms`] : []),
    ...(digests.size > 0 ? [`added ${digests.size} integrity digests`] : []),
    ...(engines.length > 0 ? [`removed the engines of ${engines.length} packages`] : []),
  ];
  if (changes.length > 0) await writeLockfile(withIntegrity(complete, digests));
  process.stdout.write(changes.length === 0 ? 'package-lock.json is complete.\n' : `package-lock.json: ${changes.join(', ')}.\n`);
  return 0;
});
