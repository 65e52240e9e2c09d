import type { InstallationFiles } from '../installation.ts';

export const targetNames = (count: number): readonly string[] => Array.from({ length: count }, (_, number) => `app${number + 1}`);

/**
 * Configuration of a company with HR as source and this many SQL applications that answer at once. Everybody has an account and two roles each.
 * @param ratePerSecond of each target
 */
export function lifeFiles(targets: number, applicationsUrl: string, ratePerSecond = 5000): InstallationFiles {
  const names = targetNames(targets);
  return {
    environment: { APPLICATIONS_URL: applicationsUrl },
    tenureYaml: `
url: \${env:TENURE_URL}
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  endDate: { type: instant }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
targets:${names.map((name) => target(name, ratePerSecond)).join('')}
`,
    accessYaml: `
entitlements:
${names.map((name) => `  ${name}.reader: { title: Reader, target: ${name}, value: reader }\n  ${name}.clerk: { title: Clerk, target: ${name}, value: clerk }`).join('\n')}
roles:
  clerk: { title: Clerk, entitlements: [${names.map((name) => `${name}.clerk`).join(', ')}] }
birthright:
  - { name: everybody, when: "true", entitlements: [${names.map((name) => `${name}.reader`).join(', ')}] }
  - { name: finance, when: 'identity.department == "Finance"', roles: [clerk] }
budget: # what is measured here is how fast everybody comes and goes
  limits: { create: { count: 1000000, from: 1000000 }, disable: { count: 1000000, from: 1000000 }, delete: { count: 1000000, from: 1000000 } }
lifecycle:
  - { name: all, end: { grace: P30D, then: keep } }
`,
  };
}

export function applicationSchema(targets: number): string {
  return targetNames(targets)
    .map(
      (name) => `
create table ${name} (id bigserial primary key, login text unique not null, external_id text, active boolean not null, full_name text);
create table ${name}_roles (account_id bigint not null references ${name} on delete cascade, role text not null, primary key (account_id, role));`,
    )
    .join('');
}

function target(name: string, ratePerSecond: number): string {
  const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name';
  return `
  ${name}:
    title: ${name}
    kind: sql
    url: \${env:APPLICATIONS_URL}
    tls: none
    concurrency: 5
    ratePerSecond: ${ratePerSecond}
    statements:
      list: "SELECT ${columns} FROM ${name} WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT ${columns} FROM ${name} WHERE login = :userName"
      read: "SELECT ${columns} FROM ${name} WHERE id = :nativeId::bigint"
      create: "INSERT INTO ${name} (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id"
      update: "UPDATE ${name} SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint"
      enable: "UPDATE ${name} SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE ${name} SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM ${name} WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM ${name}_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO ${name}_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM ${name}_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName }`;
}
