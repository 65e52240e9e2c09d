// The first thing that an npm script loads. It is JavaScript, without an import, so that it prints its sentence on any Node before a package fails
// for something that an older one lacks.
const [major] = process.versions.node.split('.').map(Number);

if (major < 24) {
  const broughtAlong = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  const remedy = broughtAlong
    ? 'npm ci brings Node 24 along, for what npm runs: npm ci, then npm start, npm test or npm run <script>'
    : `npm ci brings none along for ${process.platform} on ${process.arch}: install Node 24`;
  process.stderr.write(`Tenure needs Node 24, but this is Node ${process.versions.node}. ${remedy}.\n`);
  process.exit(1);
}
