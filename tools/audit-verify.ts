import { anchorsToRead, verifySettings } from './tenure/verify-settings.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run audit:verify. docs/audit.md explains its proof.
await runTool(async () => {
  const { files, since } = verifySettings(process.argv.slice(2));
  const home = homeOf(process.env);
  const environment = await installationEnvironment(home, process.env, 'database');
  const { lines, read } = await anchorsToRead(files, environment['TENURE_AUDIT_ANCHORS'], home);
  const { store, close } = await openInstallation(environment, 'audit:verify');
  try {
    const { anchors, problems: ofAnchors } = store.readAnchors(lines);
    if (since !== null && !anchors.some(({ at }) => at <= since))
      throw new Error(
        `No anchor is from ${since} or earlier: --since needs an anchor to begin with. Provide files with earlier anchors by --anchors, or a later --since.`,
      );
    const { events, problems: ofAudit, sealedAt } = await store.read((tx) => tx.audit.verify({ anchors, since }));
    const problems = [...ofAnchors, ...ofAudit];
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    const rests =
      anchors.length === 0
        ? 'No anchors were read: without them, events removed from the ends of all chains are not detected. Provide --anchors <file>.'
        : `It matches ${anchors.length} anchors from ${read.join(', ')}, the latest of ${anchors.at(-1)?.at}.`;
    process.stdout.write(
      problems.length === 0
        ? `The audit is complete and unchanged${since === null ? '' : ` since ${since}`}: ${events} events, no broken chain${sealedAt === null ? '' : `, sealed since ${sealedAt}`}.\n${rests}\n`
        : `The audit has ${problems.length} problems in ${events} events.\n`,
    );
    return problems.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
});
