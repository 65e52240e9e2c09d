import { styleText } from 'node:util';

/** Narrator that shows the story in a terminal: titles, labelled paragraphs, small tables. Colour only where the terminal supports it. */
export interface Narrator {
  /** A line as it is. */
  line(text?: string): void;
  /** The beginning of a chapter. */
  chapter(name: string, title: string): void;
  /** The beginning of a numbered step. */
  step(number: string, title: string): void;
  /** A paragraph beside its label, wrapped. An empty label goes on with the one before. */
  say(label: string, text: string): void;
  /** A line beside its label that must not be wrapped, because it is to be copied. */
  copy(label: string, text: string): void;
  /** Rows beside a label, in columns. */
  table(label: string, rows: readonly (readonly string[])[]): void;
  /** Rows in columns over the whole width. */
  wide(rows: readonly (readonly string[])[]): void;
  /** Shows a check: its condition, and the result where it is not met. */
  check(text: string, difference: string | null): void;
  /** Shows nothing from now on: the story has been broken off. */
  fallSilent(): void;
}

const width = 112;
const labelWidth = 11;

/** A narrator that writes to a stream, standard output unless given. */
export function createNarrator(stream: NodeJS.WriteStream = process.stdout): Narrator {
  let isSilent = false;
  const write = (text: string): void => {
    if (!isSilent) stream.write(`${text}\n`);
  };
  const style = (format: Parameters<typeof styleText>[0], text: string): string => styleText(format, text, { stream });
  const beside = (label: string, lines: readonly string[]): void => {
    for (const [index, line] of lines.entries()) write(` ${style('dim', (index === 0 ? label : '').padEnd(labelWidth))}${line}`);
  };
  return {
    line: (text = '') => write(text),
    chapter: (name, title) => {
      write(`\n${style('dim', '═'.repeat(width))}`);
      beside('Chapter', [style('bold', name), ...wrap(title, width - labelWidth - 1)]);
    },
    step: (number, title) => write(`\n${style('dim', '─'.repeat(width))}\n ${style('bold', `${number.padEnd(labelWidth)}${title}`)}\n`),
    say: (label, text) => beside(label, wrap(text, width - labelWidth - 1)),
    copy: (label, text) => beside(label, [text]),
    table: (label, rows) => beside(label, columns(rows)),
    wide: (rows) => {
      for (const text of columns(rows)) write(` ${text}`);
    },
    check: (text, difference) => {
      write(` ${difference === null ? style('green', '✓') : style('red', '✗')} ${text}`);
      if (difference !== null) write(`   ${style('red', difference)}`);
    },
    fallSilent: () => {
      isSilent = true;
    },
  };
}

/** Lines after the first one have the same indent. */
function wrap(text: string, room: number): string[] {
  const indent = ' '.repeat(text.length - text.trimStart().length);
  const lines: string[] = [];
  for (const word of text.trim().split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}

/** Columns as wide as their widest cell; a row of one cell is a heading, which does not count. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const most = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: most }, (_none, index) => Math.max(0, ...rows.filter((row) => row.length > 1).map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(row.length > 1 ? (widths[index] ?? 0) : 0))
      .join('  ')
      .trimEnd(),
  );
}
