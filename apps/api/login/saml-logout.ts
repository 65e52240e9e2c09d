import { type EndedAtSource, endAtSource } from '@tenure/engine/login';
import type { Keyring } from '@tenure/engine/keys';
import { LoginRefused } from '@tenure/domain';
import {
  logoutResponse,
  type LogoutResponse,
  type LogoutStatus,
  newRequestId,
  readLogoutRequest,
  readLogoutResponse,
  type ReceivedMessage,
  redirectQuery,
  redirectUrl,
  signElement,
  signRedirect,
  soapEnvelope,
} from '@tenure/federation';
import type { ActContext, Store } from '@tenure/store';
import { logoutId } from './logout-id.ts';
import type { SamlProvider } from './providers.ts';
import { withFreshMetadata } from './saml-metadata.ts';

interface Dependencies {
  readonly store: Store;
  readonly keyring: Keyring;
}

/** Answer to a LogoutRequest. */
export type SamlLogoutAnswer =
  | { readonly binding: 'redirect'; readonly url: string }
  | { readonly binding: 'post'; readonly url: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly binding: 'soap'; readonly body: string }
  /** The provider takes no answers by the browser. */
  | { readonly binding: null };

/**
 * Ends the sessions that a LogoutRequest names (SAML profiles 4.4.3.2), and answers it: `partial` where sessions at applications ended with them, since
 * these are told only afterwards.
 * @throws LoginRefused also where the request was received before
 */
export async function receiveLogoutRequest(
  { store, keyring }: Dependencies,
  provider: SamlProvider,
  received: ReceivedMessage,
  context: ActContext,
): Promise<{ readonly ended: EndedAtSource; readonly answer: SamlLogoutAnswer }> {
  const request = await verified(provider, received, context, readLogoutRequest);
  const { id, issuer, nameId, sessionIndexes, staleAt } = request;
  const name = provider.settings.name;
  const ended = await store.transaction(context, (tx) =>
    endAtSource(tx, { provider: name, message: { issuer, id, staleAt }, subject: nameId.value, indexes: sessionIndexes }),
  );
  if (ended.isRepeated) throw new LoginRefused('message-replayed', 'the LogoutRequest was received before');
  return { ended, answer: await answerTo({ keyring }, provider, received, id, ended.applications > 0 ? 'partial' : 'success', context) };
}

/**
 * Takes the answer to a LogoutRequest of Tenure, once.
 * @returns the answer, and the path where the browser goes on
 * @throws LoginRefused
 */
export async function receiveLogoutResponse(
  { store }: Pick<Dependencies, 'store'>,
  provider: SamlProvider,
  received: ReceivedMessage,
  context: ActContext,
): Promise<{ readonly response: LogoutResponse; readonly returnTo: string }> {
  const response = await verified(provider, received, context, readLogoutResponse);
  const sent = await store.transaction(context, (tx) => tx.sessions.takeLogin(logoutId(response.inResponseTo), context.now));
  if (sent === null || sent.provider !== provider.settings.name)
    throw new LoginRefused('request-unknown', 'the LogoutResponse answers no LogoutRequest of Tenure, or one that was answered before');
  return { response, returnTo: sent.returnTo };
}

function verified<T>(
  { settings, metadata, serviceProvider }: SamlProvider,
  received: ReceivedMessage,
  { now }: ActContext,
  read: (received: ReceivedMessage, expected: Parameters<typeof readLogoutRequest>[1]) => T,
): Promise<T> {
  const { logoutUrl: destination = '' } = serviceProvider;
  return withFreshMetadata(metadata, now, async (sender) => read(received, { sender, destination, clockSkew: settings.clockSkew, now }));
}

async function answerTo(
  { keyring }: Pick<Dependencies, 'keyring'>,
  { metadata, serviceProvider: { entityId: issuer } }: SamlProvider,
  { binding, relayState }: ReceivedMessage,
  inResponseTo: string,
  status: LogoutStatus,
  { now }: ActContext,
): Promise<SamlLogoutAnswer> {
  const { privateKey, certificate } = await keyring.signing('saml');
  const response = (destination: string): string => logoutResponse({ id: newRequestId(), issuer, destination, inResponseTo, status, now });
  const signed = (destination: string): string => signElement(response(destination), { element: 'LogoutResponse', privateKey, certificate });
  const { entityId, logoutServices } = await metadata.current(now);
  if (binding === 'soap') return { binding, body: soapEnvelope(signed(entityId)) };
  const service = logoutServices.find((one) => one.binding === 'redirect') ?? logoutServices.find((one) => one.binding === 'post');
  if (service === undefined) return { binding: null };
  const url = service.responseUrl;
  if (service.binding === 'redirect')
    return { binding: 'redirect', url: redirectUrl(url, signRedirect(redirectQuery('SAMLResponse', response(url), relayState), privateKey)) };
  const fields = { SAMLResponse: Buffer.from(signed(url)).toString('base64'), ...(relayState === null ? {} : { RelayState: relayState }) };
  return { binding: 'post', url, fields };
}
