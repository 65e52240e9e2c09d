import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { GraphQLObjectType } from 'graphql';
import { openRoutes } from '../access/open-routes.ts';
import { createTestApi, later, type TestApi } from './api.ts';

type Who = 'anonymous' | 'self' | 'admin' | 'operator' | 'approver' | 'auditor' | 'source' | 'adminToken' | 'auditorToken';
const everybody: readonly Who[] = ['anonymous', 'self', 'admin', 'operator', 'approver', 'auditor', 'source', 'adminToken', 'auditorToken'];

const readers: readonly Who[] = ['admin', 'operator', 'auditor', 'adminToken', 'auditorToken'];
const people: readonly Who[] = ['self', 'admin', 'operator', 'approver', 'auditor'];
const unknown = '00000000-0000-4000-8000-000000000000';

interface Row {
  readonly query: string;
  /** Roles that are not refused. The answer of the query does not matter here, only that it is not refused. */
  readonly allowed: readonly Who[];
}

/** Every field of the root types, with the roles that may use it. A new one has to be added here. */
const rootFields: Readonly<Record<string, Row>> = {
  'Query.identities': { query: '{ identities { totalCount } }', allowed: readers },
  'Query.identity': { query: `{ identity(id: "${unknown}") { id } }`, allowed: readers },
  'Query.accessAt': { query: `{ accessAt(identityId: "${unknown}", instant: "2026-03-01T12:00:00Z") { state } }`, allowed: readers },
  'Query.simulateAccess': { query: `{ simulateAccess(identityId: "${unknown}") { state } }`, allowed: readers },
  'Query.leaverCertificate': { query: `{ leaverCertificate(identityId: "${unknown}") { state } }`, allowed: readers },
  'Query.myCases': { query: '{ myCases { id } }', allowed: people },
  'Query.mySponsored': { query: '{ mySponsored { id } }', allowed: people },
  'Query.me': { query: '{ me { id } }', allowed: people },
  'Query.requestable': { query: `{ requestable(identityId: "${unknown}") { name } }`, allowed: readers },
  'Query.accessRequest': { query: `{ accessRequest(id: "${unknown}") { id } }`, allowed: [] },
  'Query.myRequests': { query: '{ myRequests { id } }', allowed: people },
  'Query.myApprovals': { query: '{ myApprovals { id } }', allowed: people },
  'Query.myApprovalNotifications': { query: '{ myApprovalNotifications }', allowed: people },
  'Mutation.setApprovalNotifications': { query: 'mutation { setApprovalNotifications(approvals: DIGEST) }', allowed: people },
  'Mutation.requestAccess': { query: 'mutation { requestAccess(input: { justification: "test", items: [] }) { id } }', allowed: people },
  // An item that belongs to nobody cannot be extended, withdrawn, returned or reviewed: requests.integration.test.ts checks the owners.
  'Mutation.extendAccess': { query: `mutation { extendAccess(itemId: "${unknown}", justification: "test") { id } }`, allowed: [] },
  'Mutation.withdrawRequest': { query: `mutation { withdrawRequest(id: "${unknown}") { id } }`, allowed: [] },
  'Mutation.returnAccess': { query: `mutation { returnAccess(itemId: "${unknown}") { id } }`, allowed: [] },
  'Mutation.decideRequestedAccess': { query: `mutation { decideRequestedAccess(itemId: "${unknown}", decision: REMOVE, reason: "test") { id } }`, allowed: [] },
  'Mutation.decideRequestItem': { query: `mutation { decideRequestItem(itemId: "${unknown}", approve: true) { id } }`, allowed: people },
  // For people named by the policy: break-glass.integration.test.ts.
  'Query.breakGlassOptions': { query: '{ breakGlassOptions { name } }', allowed: people },
  'Mutation.breakGlass': { query: 'mutation { breakGlass(input: { kind: ROLE, name: "gone", justification: "test" }) { id } }', allowed: people },
  'Mutation.reviewBreakGlass': { query: `mutation { reviewBreakGlass(itemId: "${unknown}", justified: true, comment: "test") { id } }`, allowed: [] },
  // For the person who delegates, within limits: delegate.integration.test.ts.
  'Mutation.delegate': { query: `mutation { delegate(to: "${unknown}", until: "2026-03-02T00:00:00Z", reason: "test") { id } }`, allowed: people },
  'Mutation.revokeDelegation': { query: `mutation { revokeDelegation(id: "${unknown}") { id } }`, allowed: [] },
  'Query.myDelegations': { query: '{ myDelegations { id } }', allowed: people },
  // Callers who are no readers see the cases that they may answer: inbox.integration.test.ts.
  'Query.cases': { query: '{ cases { totalCount } }', allowed: [...people, 'adminToken', 'auditorToken'] },
  'Query.case': { query: `{ case(id: "${unknown}") { id } }`, allowed: readers },
  'Query.auditEvents': { query: '{ auditEvents { edges { cursor } } }', allowed: ['admin', 'auditor', 'adminToken', 'auditorToken'] },
  'Query.planRepair': { query: `{ planRepair(input: { releaseUserName: "${unknown}" }) { digest } }`, allowed: ['admin', 'adminToken'] },
  'Query.repairs': { query: '{ repairs { totalCount } }', allowed: readers },
  'Query.repair': { query: `{ repair(id: "${unknown}") { id } }`, allowed: readers },
  'Mutation.releaseUserName': {
    query: `mutation { releaseUserName(identityId: "${unknown}", digest: "0", reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.moveRecord': {
    query: `mutation { moveRecord(input: { recordId: "${unknown}" }, digest: "0", reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.mergeIdentities': {
    query: `mutation { mergeIdentities(input: { fromIdentityId: "${unknown}", intoIdentityId: "${unknown}" }, digest: "0", reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.undoBatchChange': { query: `mutation { undoBatchChange(id: "${unknown}", reason: "test") { id } }`, allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.undoRepair': { query: `mutation { undoRepair(id: "${unknown}", digest: "0", reason: "test") { id } }`, allowed: ['admin', 'adminToken'] },
  'Mutation.approveRepair': { query: `mutation { approveRepair(id: "${unknown}", digest: "0", reason: "test") { id } }`, allowed: ['admin', 'adminToken'] },
  'Mutation.discardRepair': { query: `mutation { discardRepair(id: "${unknown}", reason: "test") { id } }`, allowed: ['admin', 'adminToken'] },
  'Query.policyVersion': { query: '{ policyVersion(version: 1) { version } }', allowed: readers },
  'Query.previewPolicy': { query: '{ previewPolicy(files: []) { version } }', allowed: readers },
  'Query.serviceTokens': { query: '{ serviceTokens { id } }', allowed: ['admin', 'adminToken'] },
  'Mutation.recordFacts': { query: 'mutation { recordFacts(input: { source: "hr", records: [] }) { problems } }', allowed: ['source'] },
  'Query.targetPlan': { query: '{ targetPlan(target: "crm") { totalCount } }', allowed: readers },
  'Mutation.switchOnTarget': { query: 'mutation { switchOnTarget(target: "gone", reason: "test") { id } }', allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.observeTarget': { query: 'mutation { observeTarget(target: "gone", reason: "test") { mode } }', allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.retryOperations': { query: 'mutation { retryOperations(target: "crm", reason: "test") { count } }', allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.cancelOperations': {
    query: `mutation { cancelOperations(identityId: "${unknown}", reason: "test") { count } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.retryOperation': { query: `mutation { retryOperation(id: "${unknown}", reason: "test") { id } }`, allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.abandonOperation': {
    query: `mutation { abandonOperation(id: "${unknown}", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.revokeSessions': {
    query: `mutation { revokeSessions(identityId: "${unknown}", reason: "test") { count } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  // Of their own sessions, people may end each; of others those who may end sessions: session-ends.integration.test.ts.
  'Mutation.endSession': { query: `mutation { endSession(id: "${unknown}", reason: "test") { id } }`, allowed: [...people, 'adminToken'] },
  'Mutation.retryLogoutNotifications': {
    query: 'mutation { retryLogoutNotifications(application: "gone", reason: "test") { count } }',
    allowed: ['admin', 'operator', 'adminToken'],
  },
  // It would end the sessions of this test: attacks/sessions.integration.test.ts.
  'Mutation.logOutEverywhere': { query: '', allowed: [] },
  'Mutation.terminate': {
    query: `mutation { terminate(identityIds: ["${unknown}"], on: "2099-01-01", reason: "test") { outcome } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.terminateNow': {
    query: `mutation { terminateNow(identityIds: ["${unknown}"], reason: "test") { outcome } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.approveUrgentEnds': {
    query: `mutation { approveUrgentEnds(caseId: "${unknown}", digest: "none", reason: "test") { outcome } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.discardUrgentEnds': {
    query: `mutation { discardUrgentEnds(caseId: "${unknown}", reason: "test") }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.withdrawTermination': {
    query: `mutation { withdrawTermination(identityId: "${unknown}", reason: "test") { outcome } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.extendContract': {
    query: `mutation { extendContract(identityId: "${unknown}", until: "2026-12-31", reason: "test") { outcome } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.reactivate': {
    query: `mutation { reactivate(identityId: "${unknown}", reason: "test") { outcome } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.resolveCase': {
    query: `mutation { resolveCase(id: "${unknown}", resolution: "test") { status } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.reassignCase': {
    query: `mutation { reassignCase(id: "${unknown}", ownerId: null, reason: "test") { status } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  ...Object.fromEntries(
    ['claimCase(id: "?")', 'releaseCase(id: "?")', 'commentCase(id: "?", text: "test")'].map((call): [string, Row] => [
      `Mutation.${call.split('(')[0]}`,
      // Only people work on cases.
      {
        query: `mutation { ${call.replace('?', unknown)} { status } }`,
        allowed: call.startsWith('claimCase') ? ['admin', 'operator'] : ['admin', 'operator', 'adminToken'],
      },
    ]),
  ),
  'Mutation.decideRecord': {
    query: `mutation { decideRecord(caseId: "${unknown}", newPerson: true, version: "1", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.correctRecord': {
    query: `mutation { correctRecord(input: { recordId: "${unknown}", version: "1", reason: "test" }) { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.withdrawRecord': {
    query: `mutation { withdrawRecord(id: "${unknown}", version: "1", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Query.batchChanges': { query: '{ batchChanges { edges { cursor } } }', allowed: readers },
  // The owner of the budget may too: change-budget.integration.test.ts.
  'Query.batchChange': { query: `{ batchChange(id: "${unknown}") { id } }`, allowed: readers },
  'Mutation.approveBatchChange': {
    query: `mutation { approveBatchChange(id: "${unknown}", digest: "none", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.discardBatchChange': {
    query: `mutation { discardBatchChange(id: "${unknown}", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Query.import': { query: `{ import(id: "${unknown}") { id } }`, allowed: [...readers, 'source'] },
  'Mutation.startImport': { query: 'mutation { startImport(source: "hr") { id } }', allowed: ['source'] },
  'Mutation.finishImport': { query: `mutation { finishImport(id: "${unknown}") { import { id } } }`, allowed: ['source'] },
  'Query.separationViolations': { query: '{ separationViolations { totalCount } }', allowed: readers },
  'Query.separationExceptions': { query: '{ separationExceptions { edges { node { id } } } }', allowed: readers },
  // For the owner of the rule: requests.integration.test.ts.
  'Mutation.grantSeparationException': {
    query: `mutation { grantSeparationException(input: { caseId: "${unknown}", names: [], control: "test", until: "2026-03-02T00:00:00Z", reason: "test" }) { id } }`,
    allowed: [],
  },
  'Mutation.endSeparationException': { query: `mutation { endSeparationException(id: "${unknown}", reason: "test") { id } }`, allowed: [] },
  'Query.suspensions': { query: '{ suspensions { id } }', allowed: readers },
  'Query.targets': { query: '{ targets { name } }', allowed: readers },
  'Query.reconciliationRuns': { query: '{ reconciliationRuns { pageInfo { hasNextPage } } }', allowed: readers },
  'Query.findings': { query: '{ findings { totalCount } }', allowed: readers },
  'Query.quarantinedAccounts': { query: '{ quarantinedAccounts { totalCount } }', allowed: readers },
  'Query.ignoredFindings': { query: '{ ignoredFindings { pageInfo { hasNextPage } } }', allowed: readers },
  'Query.proposedRule': { query: '{ proposedRule(input: { target: "none", name: "test" }) { yaml } }', allowed: ['admin', 'adminToken'] },
  'Mutation.ignoreFindings': {
    query: 'mutation { ignoreFindings(input: { target: "none", kind: ORPHAN_ACCOUNT, until: "2030-01-01T00:00:00Z", reason: "test" }) { id } }',
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.stopIgnoringFindings': {
    query: `mutation { stopIgnoringFindings(id: "${unknown}", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.correctFindings': {
    query: 'mutation { correctFindings(target: "none", kind: ORPHAN_ACCOUNT, reason: "test") { id } }',
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.restoreAccount': { query: `mutation { restoreAccount(id: "${unknown}", reason: "test") { id } }`, allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.adoptAccount': {
    query: `mutation { adoptAccount(findingId: "${unknown}", identityId: "${unknown}", reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.keepFoundAccess': {
    query: `mutation { keepFoundAccess(findingId: "${unknown}", until: "2030-01-01T00:00:00Z", ownerId: "${unknown}", reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.reconcileTarget': { query: 'mutation { reconcileTarget(target: "none", reason: "test") { id } }', allowed: ['admin', 'operator', 'adminToken'] },
  'Query.applications': { query: '{ applications { name } }', allowed: readers },
  'Query.identityProviders': { query: '{ identityProviders { name } }', allowed: readers },
  'Mutation.checkConnection': { query: 'mutation { checkConnection(kind: TARGET, name: "none") { age } }', allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.suspendProvisioning': {
    query: 'mutation { suspendProvisioning(input: { target: "none", until: "2026-03-02T00:00:00Z", reason: "test" }) { id } }',
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.resumeProvisioning': {
    query: `mutation { resumeProvisioning(id: "${unknown}", reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.cancelOperation': { query: `mutation { cancelOperation(id: "${unknown}", reason: "test") { id } }`, allowed: ['admin', 'operator', 'adminToken'] },
  'Mutation.rebindLogin': {
    query: `mutation { rebindLogin(caseId: "${unknown}", identityId: "${unknown}", version: "1", reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.decideApplicationAddress': {
    query: `mutation { decideApplicationAddress(caseId: "${unknown}", mayBeSent: true, reason: "test") { id } }`,
    allowed: ['admin', 'operator', 'adminToken'],
  },
  'Mutation.decideLogin': {
    query: `mutation { decideLogin(caseId: "${unknown}", samePerson: true, reason: "test") { id } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.createLoginLink': {
    query: `mutation { createLoginLink(identityId: "${unknown}", provider: "partner", reason: "test") { url } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.endLogin': {
    query: `mutation { endLogin(identityId: "${unknown}", provider: "partner", reason: "test") { identityId } }`,
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.createServiceToken': {
    query: 'mutation { createServiceToken(input: { name: "t", roles: ["auditor"], expiresAt: "2026-03-02T00:00:00Z" }) { token } }',
    allowed: ['admin', 'adminToken'],
  },
  'Mutation.revokeServiceToken': { query: `mutation { revokeServiceToken(id: "${unknown}") { id } }`, allowed: ['admin', 'adminToken'] },
  // Over WebSocket: subscription.integration.test.ts checks the roles.
  'Subscription.identityChanged': { query: '', allowed: [] },
  'Subscription.caseChanged': { query: '', allowed: [] },
  'Subscription.inboxChanged': { query: '', allowed: [] },
};

/** Every field with a resolver of its own on data of a person; true if the person may see it of themselves. */
const ownFields: Readonly<Record<string, boolean>> = {
  displayName: true,
  'attributes { name }': true,
  'assertedGroups { source }': true,
  'grants { name lastUsedAt origins { sentence } }': true,
  'applications { application }': true,
  'accounts { target }': true,
  'records { source }': true,
  'timeline { sentence }': true,
  'mergedInto { id }': false,
  'mergedIdentities { id }': false,
  'releasedUserNames { userName }': false,
  'operations { id }': false,
  'cases { id }': false,
  'suspensions { id }': false,
  'sessions { id }': true,
  sessionCount: true,
  'logins { provider }': false,
  'workflow { id }': false,
  'sponsorship { why }': false,
  'forecast { at }': false,
};

/** Every route, with the status for callers without credentials. */
const routes: Readonly<Record<string, number>> = {
  'GET /': 200,
  'GET /me': 200,
  'GET /applications': 303,
  'GET /applications/:application/logo': 404,
  'POST /applications/:application/request': 303,
  // The only provider of the test.
  'GET /login': 303,
  'GET /me.css': 200,
  'GET /me.js': 200,
  'POST /logout': 303,
  'POST /me/sessions': 303,
  'GET /health/live': 200,
  'GET /health/ready': 200,
  'POST /graphql': 401,
  'GET /graphql': 405,
  'GET /certificates/keys': 200,
  'GET /leavers/:identityId/certificate.pdf': 401,
  'GET /decide/:token': 404,
  'POST /decide/:token': 404,
  'GET /idp/saml/metadata': 200,
  'GET /idp/saml/post.js': 200,
  'GET /idp/saml/sso': 403,
  'POST /idp/saml/sso': 403,
  'GET /idp/saml/continue/:application/:request': 404,
  'GET /idp/saml/start/:application': 404,
  'GET /idp/saml/slo': 403,
  'POST /idp/saml/slo': 403,
  'POST /idp/saml/soap': 415,
  'GET /saml/:provider/metadata': 404,
  'GET /saml/:provider/login': 404,
  'POST /saml/:provider/acs': 404,
  'GET /oidc/:provider/login': 404,
  'GET /oidc/:provider/callback': 404,
  'GET /oidc/:provider/jwks': 404,
  'POST /oidc/:provider/backchannel-logout': 404,
  'GET /oidc/:provider/logged-out': 404,
  'GET /saml/:provider/slo': 403,
  'POST /saml/:provider/slo': 404,
  // No application of the test uses OpenID Connect.
  'GET /idp/oidc/.well-known/openid-configuration': 404,
  'OPTIONS /idp/oidc/.well-known/openid-configuration': 404,
  'GET /.well-known/oauth-authorization-server/idp/oidc': 404,
  'GET /idp/oidc/jwks': 404,
  'OPTIONS /idp/oidc/jwks': 404,
  'GET /idp/oidc/auth': 404,
  'POST /idp/oidc/auth': 404,
  'GET /idp/oidc/auth/:uid': 404,
  'GET /idp/oidc/interaction/:uid': 404,
  'POST /idp/oidc/request': 404,
  'OPTIONS /idp/oidc/request': 404,
  'POST /idp/oidc/token': 404,
  'OPTIONS /idp/oidc/token': 404,
  'POST /idp/oidc/token/introspection': 404,
  'OPTIONS /idp/oidc/token/introspection': 404,
  'POST /idp/oidc/token/revocation': 404,
  'OPTIONS /idp/oidc/token/revocation': 404,
  'GET /idp/oidc/me': 404,
  'POST /idp/oidc/me': 404,
  'OPTIONS /idp/oidc/me': 404,
  'GET /idp/oidc/session/end': 404,
  'POST /idp/oidc/session/end': 404,
  'POST /idp/oidc/session/end/confirm': 404,
};

let api: TestApi;
const tokens = new Map<Who, string | null>();
let self: { id: string; token: string };

beforeAll(async () => {
  api = await createTestApi();
  self = await api.person('Sales');
  tokens
    .set('anonymous', null)
    .set('self', self.token)
    .set('source', await api.serviceToken('source:hr'))
    .set('adminToken', await api.serviceToken('admin'))
    .set('auditorToken', await api.serviceToken('auditor'));
  for (const [who, department] of [
    ['admin', 'Admin'],
    ['operator', 'Operator'],
    ['approver', 'Approver'],
    ['auditor', 'Auditor'],
  ] as const)
    tokens.set(who, (await api.person(department)).token);
});
afterAll(() => api.stop());

async function codeOf(query: string, who: Who): Promise<string | null> {
  return (await api.graphql(query, { token: tokens.get(who) ?? null })).errors[0]?.extensions.code ?? null;
}

describe('GraphQL', () => {
  test('every field of the root types is in the table of this test', () => {
    const { schema } = api.app.get(GraphQLSchemaHost);
    const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()] as GraphQLObjectType[];
    expect(types.flatMap(({ name, getFields }) => Object.keys(getFields.call(schema.getType(name))).map((field) => `${name}.${field}`)).sort()).toEqual(
      Object.keys(rootFields).sort(),
    );
  });

  for (const [field, { query, allowed }] of Object.entries(rootFields).filter(([, row]) => row.query !== '')) {
    test(`${field} is open to ${allowed.join(', ')} and to nobody else`, async () => {
      const refused: Who[] = [];
      for (const who of everybody) {
        const code = await codeOf(query, who);
        if (code === (who === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN')) refused.push(who);
        else expect(code).not.toBe('UNAUTHENTICATED');
      }
      expect(refused).toEqual(everybody.filter((who) => !allowed.includes(who)));
    });
  }

  for (const [field, isOpen] of Object.entries(ownFields)) {
    test(`people may ${isOpen ? '' : 'not '}see ${field.split(' ')[0]} of themselves; readers may`, async () => {
      expect(await codeOf(`{ me { ${field} } }`, 'self')).toBe(isOpen ? null : 'FORBIDDEN');
      expect(await codeOf(`{ identity(id: "${self.id}") { ${field} } }`, 'auditorToken')).toBeNull();
    });
  }

  test('every field of a person with a resolver of its own is in the table of this test', () => {
    const type = api.app.get(GraphQLSchemaHost).schema.getType('Identity') as GraphQLObjectType;
    const plain = [
      'id',
      'userName',
      'userType',
      'state',
      'lifecycle',
      'createdAt',
      'decidedAt',
      'lastActivityAt',
      'policyVersion',
      'revision',
      'nextWakeUp',
      'relationships',
      'timeZone',
    ];
    expect(
      Object.keys(type.getFields())
        .filter((name) => !plain.includes(name))
        .sort(),
    ).toEqual(
      Object.keys(ownFields)
        .map((field) => field.split(' ')[0])
        .sort(),
    );
  });

  test('introspection is for callers only', async () => {
    expect(await codeOf('{ __schema { types { name } } }', 'anonymous')).toBe('UNAUTHENTICATED');
    expect(await codeOf('{ __schema { types { name fields { name type { name ofType { name ofType { name ofType { name } } } } } } } }', 'self')).toBeNull();
  });

  test('a source token records facts of its source only', async () => {
    expect(await codeOf('mutation { recordFacts(input: { source: "payroll", records: [] }) { problems } }', 'source')).toBe('FORBIDDEN');
    const both = await api.serviceToken('source:hr', 'source:partner');
    // An identity provider is no source of records, whatever roles a token has.
    const { errors } = await api.graphql('mutation { recordFacts(input: { source: "partner", records: [] }) { problems } }', { token: both });
    expect(errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });
});

describe('what is taken away works at once', () => {
  test('a role that policy no longer gives', async () => {
    const { token } = await api.person('Operator');
    expect((await api.graphql('{ identities { totalCount } }', { token })).errors).toEqual([]);
    const holder = (await api.graphql('{ me { records { externalId } } }', { token })).data as unknown as { me: { records: { externalId: string }[] } };
    const externalId = holder.me.records[0]?.externalId ?? '';
    await api.record({ externalId, version: '2', facts: { department: 'Sales', employeeNumber: 'moved' } });
    expect((await api.graphql('{ identities { totalCount } }', { token })).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('the session of somebody whose contract ends', async () => {
    const { token } = await api.person('Sales');
    const me = (await api.graphql('{ me { records { externalId } } }', { token })).data as unknown as { me: { records: { externalId: string }[] } };
    await api.record({ externalId: me.me.records[0]?.externalId ?? '', version: '2', status: 'ended' });
    expect((await api.graphql('{ me { id } }', { token })).status).toBe(401);
  });

  test('a session and a token whose time is over, though nothing was written', async () => {
    const { token } = await api.person('Sales');
    const service = await api.serviceToken('auditor');
    const before = api.now;
    api.now = later(before, 25);
    expect((await api.graphql('{ me { id } }', { token })).status).toBe(401);
    expect((await api.graphql('{ identities { totalCount } }', { token: service })).status).toBe(401);
    api.now = before;
  });

  test('a service token that is revoked', async () => {
    const admin = tokens.get('admin') ?? '';
    const created = await api.graphql(
      'mutation { createServiceToken(input: { name: "hr feed", roles: ["source:hr"], expiresAt: "2026-12-31T00:00:00Z" }) { token serviceToken { id roles expiresAt } } }',
      { token: admin },
    );
    const { token, serviceToken } = (created.data as unknown as { createServiceToken: { token: string; serviceToken: { id: string } } }).createServiceToken;
    expect((await api.graphql('mutation { recordFacts(input: { source: "hr", records: [] }) { problems } }', { token })).errors).toEqual([]);
    await api.graphql('mutation ($id: ID!) { revokeServiceToken(id: $id) { revokedAt } }', { token: admin, variables: { id: serviceToken.id } });
    expect((await api.graphql('mutation { recordFacts(input: { source: "hr", records: [] }) { problems } }', { token })).status).toBe(401);
    const { data } = await api.graphql('{ auditEvents(filter: { action: "serviceToken.revoked" }) { edges { node { sentence actor { kind } } } } }', {
      token: admin,
    });
    expect(JSON.stringify(data)).toContain('Service token \\"hr feed\\" was revoked.');
    expect(JSON.stringify(data)).not.toContain(token);
  });

  test('a token that an administrator made, at the moment in which they move to another department', async () => {
    const { identityId } = await api.record({ externalId: 'moves', facts: { employeeNumber: 'moves', department: 'Admin' } });
    const session = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, (tx) =>
      tx.sessions.open(identityId ?? '', 'partner', api.now, later(api.now, 8)),
    );
    const year = await tokenMadeBy(session.token, { roles: ['admin', 'operator', 'source:hr'], expiresAt: '2027-02-28T00:00:00Z' });
    const child = await tokenMadeBy(year, { roles: ['auditor'], expiresAt: '2027-02-28T00:00:00Z' });
    expect(await Promise.all([year, child].map(opens))).toEqual([true, true]);
    await api.record({ externalId: 'moves', version: '2', facts: { employeeNumber: 'moves', department: 'Operator' } });
    // Roles that its maker still has stay open, and nothing else.
    expect(await opens(year)).toBe(true);
    expect((await api.graphql('{ serviceTokens { id } }', { token: year })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await api.graphql('mutation { recordFacts(input: { source: "hr", records: [] }) { problems } }', { token: year })).errors[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
    expect(await opens(child)).toBe(false);
    await api.record({ externalId: 'moves', version: '3', facts: { employeeNumber: 'moves', department: 'Sales' } });
    expect(await opens(year)).toBe(false);
  });

  test('a token of a day makes none for longer, and ends all that it made', async () => {
    const admin = await api.serviceToken('admin');
    const created = await create(admin, { roles: ['auditor'], expiresAt: later(api.now, 365 * 24) });
    expect(created.errors[0]).toMatchObject({ extensions: { code: 'INPUT_INVALID', details: { until: later(api.now, 24) } } });
    const child = await tokenMadeBy(admin, { roles: ['admin'], expiresAt: later(api.now, 24) });
    const grandchild = await tokenMadeBy(child, { roles: ['auditor'], expiresAt: later(api.now, 24) });
    expect(await opens(grandchild)).toBe(true);
    const [parent] = await api.database.execute(
      'select parent_id from credential where id = (select max(id::text)::uuid from credential where parent_id is not null)',
    );
    expect(parent?.['parent_id']).toEqual(expect.any(String));
    const ownId = (await api.store.read((tx) => tx.sessions.serviceToken(admin, api.now)))?.id ?? '';
    await api.graphql('mutation ($id: ID!) { revokeServiceToken(id: $id) { revokedAt } }', {
      token: tokens.get('adminToken') ?? null,
      variables: { id: ownId },
    });
    expect(await Promise.all([admin, child, grandchild].map(opens))).toEqual([false, false, false]);
    const events = await api.database.execute(`select 1 from audit_event where action = 'serviceToken.revoked' and at = ?`, [api.now]);
    expect(events.length).toBeGreaterThanOrEqual(3);
  });

  test("a person's token lasts no longer than their right to make one", async () => {
    const session = await api.person('Admin');
    const created = await create(session.token, { roles: ['admin'], expiresAt: '2027-02-28T00:00:00Z' });
    expect(created.errors).toEqual([]);
    const until = later(api.now, 2);
    await api.database.execute(
      `update access_grant set origins = jsonb_set(origins, '{0,validUntil}', to_jsonb(?::text)), valid_until = ? where identity_id = ? and name = 'tenure.admin'`,
      [until, until, session.id],
    );
    expect((await create(session.token, { roles: ['auditor'], expiresAt: later(until, 1) })).errors[0]?.extensions.details).toMatchObject({ until });
    expect((await create(session.token, { roles: ['auditor'], expiresAt: until })).errors).toEqual([]);
  });

  test('when a session or token was used last is known, to the minute', async () => {
    const auditor = await api.serviceToken('auditor');
    const { id } = (await api.store.read((tx) => tx.sessions.serviceToken(auditor, api.now))) ?? { id: '' };
    const lastUse = async () => (await api.store.read((tx) => tx.sessions.serviceTokens())).find((one) => one.id === id)?.lastUsedAt;
    expect(await lastUse()).toBeNull();
    const before = api.now;
    await opens(auditor);
    api.now = new Date(Date.parse(before) + 59_000).toISOString();
    await opens(auditor);
    expect(await lastUse()).toBe(before);
    api.now = new Date(Date.parse(before) + 60_000).toISOString();
    await opens(auditor);
    expect(await lastUse()).toBe(api.now);
    api.now = before;
  });

  test('a token never lasts longer than a year, and only has roles that there are', async () => {
    const createWith = (roles: string, expiresAt: string) =>
      api.graphql(`mutation { createServiceToken(input: { name: "x", roles: ${roles}, expiresAt: "${expiresAt}" }) { token } }`, {
        token: tokens.get('adminToken') ?? null,
      });
    expect((await createWith('["auditor"]', '2027-03-05T00:00:00Z')).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await createWith('["auditor"]', '2026-02-28T00:00:00Z')).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await createWith('["auditr"]', '2026-04-01T00:00:00Z')).errors[0]?.message).toBe(
      'input.roles: there is no role "auditr" (did you mean auditor?); there is admin, operator, auditor, source:hr, source:payroll',
    );
    expect((await createWith('["self"]', '2026-04-01T00:00:00Z')).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    // A source that does not exist: the answer names those that do.
    expect((await createWith('["source:pay-roll"]', '2026-04-01T00:00:00Z')).errors[0]).toMatchObject({
      message: 'input.roles: there is no role "source:pay-roll" (did you mean source:payroll?); there is admin, operator, auditor, source:hr, source:payroll',
      extensions: { code: 'INPUT_INVALID' },
    });
  });
});

const create = (token: string, input: object) =>
  api.graphql('mutation ($input: CreateServiceTokenInput!) { createServiceToken(input: $input) { token } }', {
    token,
    variables: { input: { name: 'made', ...input } },
  });

async function tokenMadeBy(token: string, input: object): Promise<string> {
  const { data, errors } = await create(token, input);
  expect(errors).toEqual([]);
  return (data as unknown as { createServiceToken: { token: string } }).createServiceToken.token;
}

const opens = async (token: string): Promise<boolean> => (await api.graphql('{ identities(first: 1) { totalCount } }', { token })).errors.length === 0;

describe('routes', () => {
  const registered = (): string[] =>
    api.app
      .getHttpAdapter()
      .getInstance()
      .printRoutes({ commonPrefix: false, includeHooks: false })
      .split('\n')
      .flatMap((line: string) => [...line.matchAll(/\(([^)]+)\)/g)].map((match) => match[1] ?? ''));

  test('every one is in the table of this test, and was opened on purpose', () => {
    expect(Object.keys(routes).sort()).toEqual(Object.keys(openRoutes).sort());
    const fastify = api.app.getHttpAdapter().getInstance();
    for (const route of Object.keys(routes)) {
      const [method = '', url = ''] = route.split(' ');
      expect(fastify.hasRoute({ method: method as 'GET', url })).toBe(true);
    }
    const methods = registered()
      .flatMap((all) => all.split(', '))
      .filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
    expect(methods).toHaveLength(Object.keys(routes).filter((route) => !route.startsWith('OPTIONS ')).length);
  });

  for (const [route, status] of Object.entries(routes)) {
    test(`${route} answers ${status} to somebody who shows nothing`, async () => {
      const [method = '', url = ''] = route.split(' ');
      const isForm = url.startsWith('/idp/oidc/') || /\/(acs|sso|slo|backchannel-logout)$/.test(url) || url === '/logout' || url.startsWith('/decide/');
      const response = await api.app.inject({
        method: method as 'GET',
        url: url.replace(':provider', 'nobody'),
        ...(isForm
          ? { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=b' }
          : method === 'POST'
            ? { payload: { query: '{ me { id } }' } }
            : {}),
      });
      expect(response.statusCode).toBe(status);
    });
  }
});
