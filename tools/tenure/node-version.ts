/** npm scripts find the pinned Node on their path; what is typed by hand may find an older one, and fall over later in odd ways. */
export function mustBeNode24(): void {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) return;
  process.stderr.write(`Tenure needs Node 24, but this is ${process.versions.node}: start it through npm (npm start), which brings its own, after npm ci.\n`);
  process.exit(1);
}
