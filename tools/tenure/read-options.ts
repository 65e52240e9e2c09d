import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean } from './did-you-mean.ts';

/** A command of package.json, as `--help` and errors about its arguments show it. */
export interface Usage {
  /** Such as `npm run token -- --role <role> [--days <number>]`. */
  readonly command: string;
  /** Effect of the command, in one or more sentences. */
  readonly does: string;
}

/** Thrown for `--help`: no error, the help is the result. */
export class HelpAsked extends Error {}

/**
 * Options and positional arguments of a command.
 * @param words those of this process unless given
 * @throws HelpAsked for `--help`; else an Error that names the wrong argument and the usage
 */
export function readOptions<T extends ParseArgsConfig>(
  usage: Usage,
  config: T,
  words: readonly string[] = process.argv.slice(2),
): ReturnType<typeof parseArgs<T>> {
  if (words.includes('--help') || words.includes('-h')) throw new HelpAsked(helpText(usage, config));
  try {
    return parseArgs<T>({ ...config, args: [...words] });
  } catch (error) {
    throw new Error(`${problemOf(error, config)} ${usageLine(usage)}`, { cause: error });
  }
}

/** One line for the end of an error about arguments. */
export function usageLine({ command }: Usage): string {
  return `Usage: ${command}`;
}

function helpText(usage: Usage, { options = {} }: ParseArgsConfig): string {
  const names = Object.keys(options).map((name) => `--${name}`);
  return [usageLine(usage), usage.does, ...(names.length === 0 ? ['It takes no options.'] : [])].join('\n');
}

/** Node's sentence without its advice for rare cases; with the name that was probably meant. */
function problemOf(error: unknown, { options = {} }: ParseArgsConfig): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const [sentence = ''] = message.split(/\.\s|\n/);
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const name = /'--?([^']*)'/.exec(message)?.[1] ?? '';
    return `There is no option --${name}${didYouMean(name, Object.keys(options))}.`;
  }
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return Object.keys(options).length === 0 ? `${sentence}.` : `${sentence}. npm passes on options only after "--".`;
  return `${sentence.replace(/\.$/, '')}.`;
}
