import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';

const { resolve } = createRequire(import.meta.url);
let fonts: { readonly plain: Buffer; readonly bold: Buffer } | null = null;

/** The fonts of certificates, read when the first one is written. Those that every reader of PDF has know Western letters alone. */
export function certificateFonts(): NonNullable<typeof fonts> {
  fonts ??= { plain: unpacked('400'), bold: unpacked('700') };
  return fonts;
}

/**
 * A font without the compression that it is published with (WOFF 1.0, sections 3 to 5): the PDF library would undo that anew for each letter,
 * seconds for a page.
 */
function unpacked(weight: '400' | '700'): Buffer {
  const woff = readFileSync(resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff`));
  const count = woff.readUInt16BE(12);
  const head = Buffer.alloc(12 + 16 * count);
  woff.copy(head, 0, 4, 8);
  const power = 2 ** Math.floor(Math.log2(count));
  for (const [index, value] of [count, power * 16, Math.log2(power), (count - power) * 16].entries()) head.writeUInt16BE(value, 4 + 2 * index);
  const parts: Buffer[] = [head];
  let offset = head.length;
  for (let index = 0; index < count; index += 1) {
    const entry = 44 + 20 * index;
    const [at, packed, length] = [4, 8, 12].map((more) => woff.readUInt32BE(entry + more)) as [number, number, number];
    const data = woff.subarray(at, at + packed);
    const table = packed < length ? inflateSync(data) : data;
    woff.copy(head, 12 + 16 * index, entry, entry + 4);
    woff.copy(head, 16 + 16 * index, entry + 16, entry + 20);
    head.writeUInt32BE(offset, 20 + 16 * index);
    head.writeUInt32BE(length, 24 + 16 * index);
    const padding = Buffer.alloc((4 - (length % 4)) % 4);
    parts.push(table, padding);
    offset += length + padding.length;
  }
  return Buffer.concat(parts);
}
