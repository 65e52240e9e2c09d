import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Departments with entitlements of their own; everybody else has those of everybody. */
export const departments = ['Finance', 'Sales', 'Elsewhere'] as const;
export type Department = (typeof departments)[number];

/** A group that the identity provider asserts, and that gives membership while it does. */
export const assertedGroup = 'night-shift';

/** Accounts of services that tenure.yaml protects: in every target from the beginning, in a group that policy knows. One of them is changed by hand. */
export const protectedNames = { unchanged: 'svc-backup', changed: 'svc-mail' } as const;

/** Names of targets, as tenure.yaml has them. */
export type TargetName = 'crm' | 'ledger' | 'directory';

/** Entitlements by policy, by target: written a second time here, since the tested code must not check itself. */
export function entitledTo(target: TargetName, department: Department, asserted: boolean): readonly string[] {
  const of = {
    crm: { everybody: 'Staff', Finance: 'Finance', Sales: 'Sales', asserted: 'Night' },
    ledger: { everybody: 'reader', Finance: 'clerk', Sales: null, asserted: null },
    directory: { everybody: 'staff', Finance: 'finance', Sales: 'sales', asserted: null },
  }[target];
  const held = [of.everybody, department === 'Elsewhere' ? null : of[department], asserted ? of.asserted : null];
  return held.filter((name) => name !== null).sort();
}

export const groupsOfCrm = ['Staff', 'Finance', 'Sales', 'Night'];

/** Writes tenure.yaml, policy/ and the identity provider's metadata into a folder. */
export async function writeConfiguration(
  directory: string,
  options: {
    readonly url: string;
    readonly metadata: string;
    readonly hasDirectory: boolean;
    readonly tells?: boolean;
    /** Further parts of tenure.yaml. */
    readonly more?: string;
  },
): Promise<void> {
  await mkdir(join(directory, 'policy'), { recursive: true });
  await writeFile(join(directory, 'partner.xml'), options.metadata);
  await writeFile(
    join(directory, 'tenure.yaml'),
    tenureYaml(options.url) + (options.hasDirectory ? directoryYaml : '') + (options.tells === true ? receiversYaml : '') + (options.more ?? ''),
  );
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml(options.hasDirectory));
}

/** Found differences are corrected by themselves. What a target stores differently from what is written stays a case. */
const reconciliation = `    mode: enforce # although protected accounts are there before the first contact
    reconciliation:
      every: never
      protectedAccounts: [${Object.values(protectedNames).join(', ')}]
      findings:
        orphan-account: correct
        leaver-account: correct
        missing-account: correct
        account-enabled: correct
        account-disabled: correct
        entitlement-outside-policy: correct
        entitlement-missing: correct
`;

const tenureYaml = (url: string): string => `
url: ${url}
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  familyName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  personType: { type: string }
  department: { type: string }
  endDate: { type: instant }
  manager: { type: string }
precedence: { default: [hr, partner] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: { cel: claims.personType }, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  partner:
    title: Partner
    protocol: saml
    metadata: partner.xml
    userType: contractor
    mayCreate: true
    attributes:
      displayName: claims.displayName[0]
      familyName: claims.familyName[0]
      email: claims.email[0]
      employeeNumber: claims.employeeNumber[0]
      department: claims.department[0]
      endDate: claims.contractEnd[0]
    groups: claims.groups
    correlate: [{ attribute: employeeNumber }]
targets:
  crm:
    title: CRM
    kind: scim
    url: \${env:FAULTS_CRM_URL}
    token: \${env:FAULTS_CRM_TOKEN}
    timeout: PT2S
    concurrency: 10
    ratePerSecond: 200
    confirmWithin: PT10S
${reconciliation}    attributes: { displayName: identity.displayName, name.familyName: identity.familyName, emails: identity.email, department: identity.department }
  ledger:
    title: Ledger
    kind: sql
    url: \${env:FAULTS_LEDGER_URL}
    tls: none
    timeout: PT2S
    concurrency: 10
    ratePerSecond: 200
    confirmWithin: PT10S
${reconciliation}    statements:
      list: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail FROM listed_accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail FROM accounts WHERE login = :userName"
      read: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name, mail) VALUES (:userName, :externalId, :enabled, :full_name, :mail) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name, mail = :mail WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName, mail: identity.email }
`;

const directoryYaml = `
  directory:
    title: Directory
    kind: ldap
    url: \${env:FAULTS_LDAP_URL}
    bindDn: cn=tenure,dc=tenure,dc=example
    password: \${env:FAULTS_LDAP_PASSWORD}
    tls: none
    timeout: PT2S
    concurrency: 10
    ratePerSecond: 200
    confirmWithin: PT10S
${reconciliation}    people: ou=people,dc=tenure,dc=example
    groups: ou=groups,dc=tenure,dc=example
    idAttribute: uid
    externalIdAttribute: employeeNumber
    disable: { attribute: employeeType, disabled: disabled, enabled: enabled }
    attributes: { cn: identity.displayName, sn: identity.familyName, mail: identity.email }
`;

const receiversYaml = `
mail: { url: "\${env:FAULTS_MAIL_URL}", from: Tenure <tenure@partner.example> }
webhooks:
  program: { url: "\${env:FAULTS_HOOK_URL}", secret: "\${env:FAULTS_HOOK_SECRET}" }
`;

/** User name of the owner of the ledger. */
export const ownerOfLedger = 'q.00002';

const stage = (name: string, approvers: string, deadline = 'P1D'): string => `{ name: ${name}, approvers: [${approvers}], deadline: ${deadline} }`;

const accessYaml = (hasDirectory: boolean): string => `
entitlements:
  crm.staff:   { title: Staff, target: crm, value: Staff }
  crm.finance: { title: Finance, target: crm, value: Finance }
  crm.sales:   { title: Sales, target: crm, value: Sales }
  crm.night:   { title: Night shift, target: crm, value: Night }
  ledger.reader: { title: Reader, target: ledger, value: reader }
  ledger.clerk:  { title: Clerk, target: ledger, value: clerk }
  ledger.auditor: { title: Auditor, target: ledger, value: auditor }
  ledger.guest: { title: Guest, target: ledger, value: guest }
  ledger.late: { title: Late, target: ledger, value: late }
${hasDirectory ? ['staff', 'finance', 'sales'].map((name) => `  directory.${name}: { title: ${name}, target: directory, value: ${name} }`).join('\n') : ''}
roles:
  finance: { title: Finance, entitlements: [crm.finance, ledger.clerk${hasDirectory ? ', directory.finance' : ''}] }
  sales: { title: Sales, entitlements: [crm.sales${hasDirectory ? ', directory.sales' : ''}] }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.staff, ledger.reader${hasDirectory ? ', directory.staff' : ''}] }
  - { name: finance, when: 'identity.department == "Finance"', roles: [finance], until: identity.endDate }
  - { name: sales, when: 'identity.department == "Sales"', roles: [sales], until: identity.endDate }
groups:
  - { source: partner, group: ${assertedGroup}, entitlements: [crm.night] }
# A third of the company leaves within a minute: that is the storm, and no mistake.
budget:
  limits: { create: { count: 100000, from: 100000 }, disable: { count: 100000, from: 100000 }, delete: { count: 100000, from: 100000 }, lose: { count: 100000, from: 100000 } }
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - { name: auditors, entitlements: [ledger.auditor], maximumDuration: P30D, stages: [${stage('manager', 'manager')}, ${stage('owner', `{ person: ${ownerOfLedger} }`)}] }
  - { name: guests, entitlements: [ledger.guest], maximumDuration: PT4S, stages: [${stage('manager', 'manager')}, ${stage('owner', `{ person: ${ownerOfLedger} }`)}] }
  - { name: late, entitlements: [ledger.late], maximumDuration: P30D, stages: [${stage('manager', 'manager', 'PT2S')}] }
lifecycle:
  - { name: contractors, when: 'identity.userType == "contractor"', end: { grace: PT4S, then: delete } }
  - { name: everybody-else, end: { grace: P30D, then: keep } }
`;
