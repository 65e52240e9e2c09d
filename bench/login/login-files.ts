import type { InstallationFiles } from '../installation.ts';

/** Configuration of a company with two identity providers and a policy of usual size: a login gives six grants in three targets. */
export function loginFiles(metadataFile: string, oidcIssuer: string): InstallationFiles {
  const attributes = ['givenName', 'familyName', 'displayName', 'email', 'employeeNumber', 'department', 'jobRole', 'manager'];
  const samlClaims = attributes.map((name) => `      ${name}: claims.${name}[0]`).join('\n');
  const oidcClaims = attributes.map((name) => `      ${name}: claims.${name}`).join('\n');
  const target = (name: string): string => `
  ${name}:
    title: ${name}
    kind: scim
    url: http://127.0.0.1:9/${name}
    token: \${env:BENCH_SECRET}
    attributes: { emails: identity.email, displayName: identity.displayName }`;
  return {
    environment: { BENCH_SECRET: 'secret' },
    tenureYaml: `
url: \${env:TENURE_URL}
timeZone: Europe/Berlin
attributes:
${attributes.map((name) => `  ${name}: { type: string }`).join('\n')}
  endDate: { type: instant }
precedence: { default: [contoso, fabrikam] }
sources: {}
identityProviders:
  contoso:
    title: Contoso
    protocol: saml
    metadata: ${metadataFile}
    userType: contractor
    mayCreate: true
    trustedEmailDomains: [contoso.example]
    emailVerified: "true"
    groups: claims.groups
    attributes:
${samlClaims}
      endDate: claims.contractEnd[0]
    correlate: [{ attribute: employeeNumber }]
  fabrikam:
    title: Fabrikam
    protocol: oidc
    issuer: ${oidcIssuer}
    clientId: tenure
    clientSecret: \${env:BENCH_SECRET}
    userType: contractor
    mayCreate: true
    trustedEmailDomains: [contoso.example]
    emailVerified: "true"
    groups: claims.groups
    attributes:
${oidcClaims}
      endDate: claims.contractEnd
    correlate: [{ attribute: employeeNumber }]
targets:${['crm', 'directory', 'ledger'].map(target).join('')}
`,
    accessYaml: `
entitlements:
  crm.user: { title: User, target: crm, value: users }
  crm.finance: { title: Finance, target: crm, value: finance }
  directory.staff: { title: Staff, target: directory, value: staff }
  ledger.clerk: { title: Clerk, target: ledger, value: clerk }
roles:
  finance-clerk: { title: Finance clerk, entitlements: [crm.finance, ledger.clerk] }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', roles: [finance-clerk], until: identity.endDate }
  - { name: leads, when: 'identity.jobRole == "Lead" && identity.department != "Finance"', roles: [finance-clerk] }
groups:
  - { source: contoso, group: staff, entitlements: [directory.staff] }
  - { source: fabrikam, group: staff, entitlements: [directory.staff] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
`,
  };
}

/** Claims of an identity provider about a person. */
export function claimsOf(number: number): Readonly<Record<string, string>> {
  return {
    givenName: `Given${number}`,
    familyName: `Family${number}`,
    displayName: `Given${number} Family${number}`,
    email: `person${number}@contoso.example`,
    employeeNumber: `C-${number}`,
    department: 'Finance',
    jobRole: 'Clerk',
    manager: 'C-1',
    contractEnd: '2099-12-31T22:59:59.000Z',
  };
}
