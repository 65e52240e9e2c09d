import type { UsedByLogin, ProvenLogin } from '@tenure/engine/login';
import { LoginRefused, mustPass } from '@tenure/domain';
import { claimedRequest, parseResponse, UNSPECIFIED_FORMAT } from '@tenure/federation';
import type { ActContext } from '@tenure/store';
import { BROWSER_CHECKS } from './checks/index.ts';
import type { BegunLogin } from './login-cookie.ts';
import type { SamlProvider } from './providers.ts';
import { verifyWithFreshMetadata } from './saml-metadata.ts';

/** The form that a browser posts for its provider. */
export interface SamlAnswer {
  readonly samlResponse: string | undefined;
  /** Logins that this browser has begun. */
  readonly begun: readonly BegunLogin[];
}

/**
 * Proves a SAML login: the browser's checks, then those of the message.
 * @param uses called with what the answer uses up, once it is proven
 * @throws LoginRefused
 */
export async function proveSaml(
  { settings, metadata, serviceProvider }: SamlProvider,
  { samlResponse, begun: all }: SamlAnswer,
  { now }: ActContext,
  uses: (used: UsedByLogin) => void,
): Promise<ProvenLogin> {
  if (!samlResponse) throw new LoginRefused('malformed', 'the form has no SAMLResponse');
  const response = parseResponse(samlResponse);
  const named = claimedRequest(response);
  const begun = all.find(({ id }) => id === named) ?? null;
  mustPass(BROWSER_CHECKS.brought, { named, begun, allowIdpInitiated: settings.allowIdpInitiated });
  const { clockSkew } = settings;
  const assertion = await verifyWithFreshMetadata(metadata, { response, serviceProvider, expectedInResponseTo: named, clockSkew, now });
  const login: ProvenLogin = {
    provider: settings,
    issuer: assertion.issuer,
    subject: assertion.subject,
    nameIdFormat: assertion.nameIdFormat ?? UNSPECIFIED_FORMAT,
    claims: assertion.claims,
    request: begun === null ? null : { id: begun.id, browserSecret: begun.secret },
    assertion: { id: assertion.assertionId, notOnOrAfter: assertion.notOnOrAfter },
    sessionEnd: assertion.sessionEnd,
  };
  uses(login);
  return login;
}
