/** Values that occur nowhere by chance, and a search for them in whatever form they appear. */

/** Marker in everything personal: names, addresses, numbers, departments, subjects, claims. */
export const personal = 'zqmarker';
/** Marker in everything secret that the test chooses itself. */
export const secret = 'zqsecret';

/** Everything readable in a value, names and bytes too. Not by way of JSON: messages of protobuf would turn their bytes into base64. */
export function asText(value: unknown): string {
  const lines: string[] = [];
  const known = new Set<unknown>();
  const walk = (inside: unknown): void => {
    if (typeof inside === 'object' && inside !== null) {
      if (known.has(inside)) return;
      known.add(inside);
      if (inside instanceof Uint8Array) lines.push(Buffer.from(inside).toString('utf8'));
      else if (inside instanceof Date) lines.push(inside.toISOString());
      else {
        if (inside instanceof Error) for (const part of [inside.name, inside.message, inside.stack, inside.cause]) walk(part);
        for (const [name, part] of inside instanceof Map ? inside : Object.entries(inside)) {
          lines.push(String(name));
          walk(part);
        }
      }
    } else if (inside !== undefined && inside !== null && typeof inside !== 'function') lines.push(String(inside));
  };
  walk(value);
  return lines.join('\n');
}

/** The middle of a text in base64, for each of the three ways in which it may lie between other bytes; and as hex. */
function disguises(text: string): readonly string[] {
  const cases = [text, text.toUpperCase(), text[0]?.toUpperCase() + text.slice(1)];
  return cases.flatMap((one) => [
    Buffer.from(one).toString('hex'),
    ...[0, 1, 2].map((offset) =>
      Buffer.from('\0'.repeat(offset) + one)
        .toString('base64')
        .slice(offset === 0 ? 0 : 4, -4),
    ),
  ]);
}

/** @param exact values that were only known during the run, such as tokens @returns the text before and after each find */
export function findPlanted(text: string, exact: readonly string[] = []): readonly string[] {
  const lower = text.toLowerCase();
  const plain = [personal, secret].map((marker) => lower.indexOf(marker));
  const hidden = [...disguises(personal), ...disguises(secret), ...exact].map((one) => text.indexOf(one));
  return [...plain, ...hidden].filter((at) => at >= 0).map((at) => text.slice(Math.max(0, at - 150), at + 80));
}
