import { type Configuration, reconciliationOf, type TargetSettings } from '@tenure/config';
import { checkConnection, createConnector, type TargetConnector } from '@tenure/connectors';
import { type ConnectionCheck, DomainError, failedAt } from '@tenure/domain';
import type { ConnectionName } from '@tenure/store';
import { checkProvider } from './check-provider.ts';

/** Test of one target or identity provider of the configuration. */
export interface Probe extends ConnectionName {
  readonly title: string;
  /** True: a target that is read as a whole, also once it works again. */
  readonly isReconciled?: boolean;
  /** Tests the connection. Never throws: a failure is the result. */
  check(): Promise<ConnectionCheck>;
}

/** Every target and identity provider, tested as Tenure uses it. @param connectors those that are in use anyway, by target */
export function probesOf(
  { targets, identityProviders, url }: Configuration,
  connectors: Readonly<Record<string, TargetConnector>>,
  clock: () => string,
): readonly Probe[] {
  return [
    ...Object.values(targets).flatMap((settings): Probe[] => {
      const connector = connectors[settings.name];
      const { name, title } = settings;
      const isReconciled = reconciliationOf(settings).every !== null;
      return connector === undefined ? [] : [{ kind: 'target', name, title, isReconciled, check: () => checkConnection(settings, connector) }];
    }),
    ...Object.values(identityProviders).map(
      (settings): Probe => ({ kind: 'identity-provider', name: settings.name, title: settings.title, check: () => checkProvider(settings, url, clock()) }),
    ),
  ];
}

/** The result of testing one connection. */
export interface Tested extends ConnectionName {
  readonly title: string;
  readonly check: ConnectionCheck;
}

/** Tests everything that a configuration names, without a running Tenure: by connections of its own, side by side. */
export async function testConnections(configuration: Configuration, clock: () => string): Promise<readonly Tested[]> {
  const made = Object.values(configuration.targets).map((settings) => ({ settings, connector: connectorOf(settings) }));
  const working = Object.fromEntries(
    made.flatMap(({ settings, connector }) => (connector instanceof DomainError ? [] : [[settings.name, connector] as const])),
  );
  const unmade = made.flatMap(({ settings: { name, title }, connector }): Probe[] =>
    connector instanceof DomainError
      ? [{ kind: 'target', name, title, check: async () => failedAt({ step: 'reached', reason: connector.code, message: connector.message }) }]
      : [],
  );
  try {
    const probes = [...unmade, ...probesOf(configuration, working, clock)];
    return await Promise.all(probes.map(async ({ kind, name, title, check }) => ({ kind, name, title, check: await check() })));
  } finally {
    await Promise.all(Object.values(working).map((connector) => connector.close()));
  }
}

function connectorOf(settings: TargetSettings): TargetConnector | DomainError {
  try {
    return createConnector(settings);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
