import type { Tested } from '@tenure/engine/connections';
import { CONNECTION_STEPS, failureOf, type StepResult } from '@tenure/domain';

const words: Readonly<Record<StepResult['result'], string>> = { ok: 'ok', failed: 'FAILED', 'not-tested': '-' };
const kinds: Readonly<Record<Tested['kind'], string>> = { target: 'target', 'identity-provider': 'provider' };

/** Report of tested connections: a table, and below each row its problem, remedy, and steps or data that could not be tested or shown. */
export function connectionLines(tested: readonly Tested[]): readonly string[] {
  if (tested.length === 0) return ['tenure.yaml names no target and no identity provider.'];
  const header = ['', '', ...CONNECTION_STEPS];
  const rows = tested.map(({ kind, name, check }) => [name, kinds[kind], ...check.steps.map(({ result }) => words[result])]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const failing = tested.filter(({ check }) => failureOf(check) !== null).length;
  return [
    line(header),
    ...tested.flatMap((one, index) => [line(rows[index] ?? []), ...remarks(one).map((remark) => `    ${remark}`)]),
    '',
    failing === 0 ? `All ${tested.length} work.` : `${failing} of ${tested.length} ${failing === 1 ? 'does' : 'do'} not work.`,
  ];
}

export function isAnyFailing(tested: readonly Tested[]): boolean {
  return tested.some(({ check }) => failureOf(check) !== null);
}

function remarks({ check }: Tested): readonly string[] {
  return [
    ...check.steps.flatMap(({ step, result, reason, message }) =>
      message === null
        ? []
        : [result === 'failed' ? `${step}: ${message}${reason === null || message.includes(reason) ? '' : ` [${reason}]`}` : `${step}: ${message}`],
    ),
    ...check.limits.map(({ code, message }) => `note: ${message} [${code}]`),
  ];
}
