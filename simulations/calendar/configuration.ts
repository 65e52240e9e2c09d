/** A company with three places of work, two feeds and one application. */
export const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  personId: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  signs: { type: boolean }
  manager: { type: string }
  sponsor: { type: string }
  timeZone: { type: string }
  startDate: { type: date }
  endDate: { type: date }
  leaveStart: { type: date }
  leaveEnd: { type: date }
precedence: { default: [hr, vendors], attributes: { timeZone: [sites, hr, vendors] } }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }, { attribute: personId, forLife: true }] }
  vendors: { authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }, { attribute: personId, forLife: true }] }
  sites: { correlate: [{ attribute: personId, forLife: true }] }
identityProviders:
  contoso: { protocol: oidc, issuer: https://login.contoso.example, clientId: tenure, correlate: [{ attribute: personId, forLife: true }, { attribute: employeeNumber }] }
targets:
  ledger:
    title: Ledger
    kind: sql
    url: \${env:LEDGER_URL}
    tls: none
    timeout: PT10S
    confirmWithin: PT1H
    concurrency: 8
    ratePerSecond: 2000
    statements:
      list: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE login = :userName"
      read: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName }
`;

/** Policy with something of each kind that depends on time. */
export const accessYaml = `
entitlements:
  ledger.staff: { target: ledger, value: staff }
  ledger.clerk: { target: ledger, value: clerk }
  ledger.reader: { target: ledger, value: reader }
  ledger.sales: { target: ledger, value: sales }
  ledger.release: { target: ledger, value: release }
  ledger.veteran: { target: ledger, value: veteran }
  ledger.archive: { target: ledger, value: archive }
relations:
  manager: { attribute: manager, by: employeeNumber }
  sponsor: { attribute: sponsor, by: employeeNumber }
requestable:
  - { name: archive, entitlements: [ledger.archive], maximumDuration: P30D, stages: [] }
roles:
  finance: { entitlements: [ledger.clerk] }
birthright:
  - { name: everybody, when: "true", entitlements: [ledger.staff] }
  - { name: finance, when: 'identity.department == "Finance"', roles: [finance], until: identity.endDate }
  - { name: settling-in, when: 'identity.department == "Finance"', entitlements: [ledger.reader], duration: P30D }
  - { name: sales, when: 'identity.department == "Sales"', entitlements: [ledger.sales], grace: P7D }
  - { name: signs, when: identity.signs, entitlements: [ledger.release] }
  - { name: veterans, when: 'now >= identity.startDate + duration("2160h")', entitlements: [ledger.veteran] }
separation:
  - { name: books-and-payments, conflicting: [ledger.clerk, ledger.release], priority: [ledger.clerk] }
lifecycle:
  - name: contractors
    when: 'identity.userType == "contractor"'
    extension: { askBefore: P10D, maximum: P60D, maximumTotal: P120D }
    end: { grace: P14D, then: delete }
  - name: employees
    start: { createBefore: P7D }
    inactivity: { warn: P10D, disable: P20D, remove: P40D }
    end: { grace: P30D, then: keep }
`;
