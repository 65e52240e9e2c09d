import { loopback } from './ports.ts';
import type { ServerCommand } from './server-process.ts';
import type { TemporalProgram } from './temporal-binary.ts';

/** Types of search attributes, as Temporal names them. */
export type SearchAttributeType = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

/** Setup of the server, whichever program runs it. */
export interface TemporalSetup {
  readonly program: TemporalProgram;
  readonly storeFile: string;
  readonly logFile: string;
  readonly port: number;
  readonly uiPort: number;
  readonly healthPort: number;
  readonly namespace: string;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  /** Milliseconds; as in TemporalOptions. */
  readonly timerShift: number | undefined;
  /** Events; as in TemporalOptions. */
  readonly newRunAfter: number | undefined;
}

/** Exit codes of tools/temporal-server with a known cause. */
export const exitCodes = { storeDoesNotFit: 3, portTaken: 4 } as const;

/** The command line that runs the server. */
export function temporalCommand(setup: TemporalSetup): ServerCommand {
  return {
    program: setup.program.path,
    arguments: setup.program.kind === 'own' ? ownArguments(setup) : cliArguments(setup),
    logFile: setup.logFile,
    stopSignals: [
      ['SIGTERM', 20_000],
      ['SIGKILL', 5_000],
    ],
  };
}

function ownArguments(setup: TemporalSetup): string[] {
  return [
    ...['--db', setup.storeFile, '--namespace', setup.namespace],
    ...['--port', String(setup.port), '--ui-port', String(setup.uiPort), '--health-port', String(setup.healthPort)],
    ...searchAttributeFlags(setup),
    ...(setup.timerShift === undefined ? [] : ['--timer-shift', `${setup.timerShift}ms`]),
    ...(setup.newRunAfter === undefined ? [] : ['--new-run-after', String(setup.newRunAfter)]),
    '--exit-with-parent',
  ];
}

// The same settings as in tools/temporal-server/server.go, where they are explained.
function cliArguments(setup: TemporalSetup): string[] {
  const dynamicConfig = [
    'history.transferProcessorMaxPollRPS=200',
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    'frontend.WorkflowTimeSkippingEnabled=true',
    ...(setup.timerShift === undefined ? [] : [`history.timerProcessorMaxTimeShift="${setup.timerShift}ms"`]),
    ...(setup.newRunAfter === undefined ? [] : [`limit.historyCount.suggestContinueAsNew=${setup.newRunAfter}`]),
  ];
  return [
    ...['server', 'start-dev', '--ip', loopback, '--db-filename', setup.storeFile, '--namespace', setup.namespace],
    ...['--port', String(setup.port), '--ui-port', String(setup.uiPort), '--log-level', 'warn'],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...searchAttributeFlags(setup),
  ];
}

function searchAttributeFlags({ searchAttributes }: TemporalSetup): string[] {
  return Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]);
}
