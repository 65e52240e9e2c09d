import type { InstallationFiles } from '../installation.ts';

/**
 * Configuration of a company whose targets are only read.
 * @param targets settings by name, as lines of tenure.yaml
 * @param groups names of two groups in each of them
 */
export function reconcileFiles(
  targets: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
  groups: readonly [string, string] = ['reader', 'clerk'],
): InstallationFiles {
  const names = Object.keys(targets);
  return {
    environment,
    tenureYaml: `
url: \${env:TENURE_URL}
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
targets:${Object.values(targets).join('')}
`,
    accessYaml: `
entitlements:
${names.map((name) => `  ${name}.reader: { title: Reader, target: ${name}, value: ${groups[0]} }\n  ${name}.clerk: { title: Clerk, target: ${name}, value: ${groups[1]} }`).join('\n')}
roles: {}
birthright: []
lifecycle:
  - { name: all, end: { grace: P30D, then: keep } }
`,
  };
}
