import { anchorsToRead, verifySettings } from './tenure/verify-settings.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run audit:verify: reads the audit and names each row that was changed, removed or inserted; docs/audit.md says what that proves.
await runTool(async () => {
  const { files, since } = verifySettings(process.argv.slice(2));
  const home = homeOf(process.env);
  const environment = await installationEnvironment(home, process.env, 'database');
  const { lines, read } = await anchorsToRead(files, environment['TENURE_AUDIT_ANCHORS'], home);
  const { store, close } = await openInstallation(environment, 'audit:verify');
  try {
    const { anchors, problems: ofAnchors } = store.readAnchors(lines);
    if (since !== null && !anchors.some(({ at }) => at <= since)) throw new Error(`No anchor is from ${since} or before: --since begins with one.`);
    const { events, problems: ofAudit, sealedAt } = await store.read((tx) => tx.audit.verify({ anchors, since }));
    const problems = [...ofAnchors, ...ofAudit];
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    const rests =
      anchors.length === 0
        ? 'No anchor was read: events that were removed from the ends of all chains, ends included, would not show.'
        : `It agrees with ${anchors.length} anchors of ${read.join(', ')}, the last of ${anchors.at(-1)?.at}.`;
    process.stdout.write(
      problems.length === 0
        ? `The audit is whole${since === null ? '' : ` since ${since}`}: ${events} events, every chain unbroken${sealedAt === null ? '' : `, sealed since ${sealedAt}`}.\n${rests}\n`
        : `The audit is not whole: ${problems.length} problems in ${events} events.\n`,
    );
    return problems.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
});
