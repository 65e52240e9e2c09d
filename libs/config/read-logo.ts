import { open } from 'node:fs/promises';

/** A logo as it is served. */
export interface Logo {
  readonly type: 'image/png' | 'image/svg+xml';
  readonly content: Buffer;
}

/** Largest logo, in bytes. */
export const MOST_LOGO = 200_000;

/** Reads the logo of an application. @returns a sentence that says why it cannot be served */
export async function readLogo(file: string): Promise<Logo | string> {
  let content: Buffer;
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size > MOST_LOGO) return `has ${size} bytes; at most ${MOST_LOGO} are served`;
    // A file may grow meanwhile: no more is read than is served.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_LOGO), 0, MOST_LOGO, 0);
    content = buffer.subarray(0, bytesRead);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`;
  }
  const type = typeOf(content);
  return type === null ? 'is neither PNG nor SVG' : { type, content };
}

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Type by the content, whatever the name of the file says. */
function typeOf(content: Buffer): Logo['type'] | null {
  if (content.subarray(0, png.length).equals(png)) return 'image/png';
  const begin = content
    .subarray(0, 1000)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  return begin.startsWith('<') && /<svg[\s>]/.test(begin) ? 'image/svg+xml' : null;
}
