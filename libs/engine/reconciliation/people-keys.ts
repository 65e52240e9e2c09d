import { type AccountOwner, type CompiledMapping, evaluateMapping, keyAttributes, type KeyHolder, keyText } from '@tenure/domain';
import type { JoinedRow, ReconciliationRun, StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { digestFor } from '../provision/digest.ts';

/** Mapped attributes of a target by which owners are proposed: those that are made of correlation keys of sources and identity providers. */
export function keyedAttributes({ configuration, mappings }: Pick<Engine, 'configuration' | 'mappings'>, target: string): readonly string[] {
  const mapping = mappings.find(({ name }) => name === target);
  const keys = [...Object.values(configuration.sources), ...Object.values(configuration.identityProviders)].flatMap(({ correlate }) =>
    correlate.map((key) => ('attribute' in key ? key.attribute : 'email')),
  );
  return mapping === undefined ? [] : keyAttributes(mapping, new Set(keys));
}

/** Keys that people would have in a target, as digests of a run. */
export function keysOfPeople(
  { mappings }: Pick<Engine, 'mappings'>,
  { target, runId, attributes }: { readonly target: string; readonly runId: string; readonly attributes: readonly string[] },
  people: readonly StoredIdentity[],
): readonly KeyHolder[] {
  const whole = mappings.find(({ name }) => name === target);
  if (whole === undefined) return [];
  const mapping: CompiledMapping = {
    ...whole,
    expressions: Object.fromEntries(Object.entries(whole.expressions).filter(([name]) => attributes.includes(name))),
  };
  const digest = digestFor(runId);
  return people.map((person) => {
    const keys = Object.entries(evaluateMapping(mapping, person)).flatMap(([name, value]) => {
      const text = keyText(value);
      return text === null ? [] : [[name, digest(`key ${text}`)] as const];
    });
    return { identityId: person.id, state: person.state, keys: Object.fromEntries(keys) };
  });
}

/** Owners of those of these accounts that Tenure does not know, by the target's own id. */
export async function ownersIn(
  tx: Transaction,
  { id, target }: Pick<ReconciliationRun, 'id' | 'target'>,
  rows: readonly Pick<JoinedRow, 'staged' | 'account'>[],
): Promise<ReadonlyMap<string, AccountOwner>> {
  const unknown = rows.flatMap(({ staged, account }) => (account === null && staged !== null ? [staged.nativeId] : []));
  return new Map((await tx.signs.owners(id, target, unknown)).map(({ nativeId, ...owner }) => [nativeId, owner]));
}

/** Keys that a person would have in a target, by attribute, as `keyText` gives them. */
export function keyTextsOf(engine: Pick<Engine, 'configuration' | 'mappings'>, target: string, person: StoredIdentity): Readonly<Record<string, string>> {
  const mapping = engine.mappings.find(({ name }) => name === target);
  if (mapping === undefined) return {};
  const values = evaluateMapping(mapping, person);
  const texts = keyedAttributes(engine, target).map((name) => [name, keyText(values[name])] as const);
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === null ? [] : [[name, text]])));
}
