/** Port by PORT; `null`: it is not set. @throws Error when it is no port */
export function portOf({ PORT: text }: NodeJS.ProcessEnv): number | null {
  if (!text) return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT is "${text}", but has to be a number from 1 to 65535.`);
  return port;
}
