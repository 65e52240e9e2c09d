/** A history with its payloads as text. Its messages turn bytes into base64 by themselves when they become JSON. */
export function readableHistory(history: object): string {
  return JSON.stringify(history, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}
