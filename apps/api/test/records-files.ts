/** Configuration of sources as real companies have them: records without a status, reassigned numbers, keys with spaces, foreign time zones. */
export const recordsTenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  email: { type: string }
  personId: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  kind: { type: string }
  manager: { type: string }
  sponsor: { type: string }
  timeZone: { type: string }
  primary: { type: boolean }
  startDate: { type: date }
  endDate: { type: date }
precedence: { default: [hr, badges] }
sources:
  hr:
    authoritative: true
    mayCreate: true
    userType: { cel: 'claims.?kind.orValue("employee") == "contractor" ? "contractor" : "employee"' }
    correlate: [{ attribute: employeeNumber }, { attribute: personId, forLife: true }]
  badges: { correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
export const recordsAccessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  crm.finance: { target: crm, value: finance }
  crm.sales: { target: crm, value: sales }
  crm.archive: { target: crm, value: archive }
  tenure.admin: { target: tenure, value: admin }
budget: { limits: { disable: { from: 10000 }, lose: { from: 10000 } } }
relations:
  manager: { attribute: manager, by: employeeNumber }
  sponsor: { attribute: sponsor, by: employeeNumber }
requestable:
  - { name: archive, entitlements: [crm.archive], maximumDuration: P90D, stages: [] }
  - { name: approved, entitlements: [crm.sales], maximumDuration: P90D, stages: [{ name: manager, approvers: [manager], deadline: P30D }] }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance] }
  - { name: admins, when: 'identity.department == "Admin"', entitlements: [tenure.admin] }
lifecycle:
  - { name: contractors, when: 'identity.userType == "contractor"', requires: [sponsor], end: { grace: P30D, then: delete } }
  - { name: everybody, end: { grace: P30D, then: keep } }
`;
