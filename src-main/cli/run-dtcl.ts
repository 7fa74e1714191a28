import { Command, CommanderError } from 'commander';
import { join } from 'node:path';
import { PROGRAM_VERSION, makeFolders } from '../base/index.ts';
import { consoleHome, fileSecretBox, openRegistry } from '../console/index.ts';
import { complete, DtclSession, parse, runScript, type RunResult } from '../dtcl/index.ts';
import { RegistryHost } from './dtcl-host.ts';
import { jsonOutput, textOutput, type DtclOutput } from './dtcl-output.ts';
import { runPrompt } from './dtcl-prompt.ts';
import { describeFailure } from './failure.ts';
import { PromptHistory } from './prompt-history.ts';
import { readPassword } from './read-password.ts';
import { decodeScript, readScriptFile } from './script-file.ts';
import { typedPath } from './typed-path.ts';

/** What `dtcl` ends with. A batch file may rely on these. */
const exitCode = { ok: 0, commandFailed: 1, syntax: 2, fileUnreadable: 3, stopped: 4, interrupted: 130 } as const;

interface Options {
  file?: string;
  interactive?: boolean;
  commands?: string;
  exitOnError?: boolean;
  json?: boolean;
  home?: string;
}

/** Runs `dtcl ARGS` and resolves with the exit code. */
export async function runDtcl(args: readonly string[]): Promise<number> {
  const program = new Command('dtcl')
    .description('Runs scripts and commands of the DTCL language on the servers that this user knows.')
    .version(PROGRAM_VERSION)
    .option('-f, --file <file>', 'run a script file')
    .option('-c, --commands <commands>', 'run commands given here')
    .option('-i, --interactive', 'read commands from a prompt, one to a line')
    .option('-e, --exit-on-error', 'stop at the first command that fails')
    .option('--json', 'print one JSON object for each command')
    .option('--home <dir>', 'folder of the known servers and stored logins (default: UNDERSTUDY_HOME, or the usual one)')
    .addHelpText(
      'after',
      '\nExit codes: 0 all succeeded, 1 a command failed, 2 syntax error and nothing ran, 3 file unreadable, 4 stopped by -e.' +
        '\n"dtcl -c help" lists the commands of the language.',
    )
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'dtcl: ')) });
  try {
    program.parse([...args], { from: 'user' });
    const options = program.opts<Options>();
    const ways = [options.file, options.commands, options.interactive].filter((way) => way !== undefined);
    if (ways.length !== 1) program.error('error: say one of -f FILE, -c "COMMANDS" or -i (dtcl --help tells more)');
    return await run(options);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.syntax;
    process.stderr.write(`dtcl: ${describeFailure(error)}\n`);
    return exitCode.commandFailed;
  }
}

async function run(options: Options): Promise<number> {
  const streams = { out: (text: string) => process.stdout.write(text), error: (text: string) => process.stderr.write(text) };
  // A reader that has seen enough (head, less) is no failure.
  process.stdout.on('error', () => process.exit(exitCode.ok));
  const name = options.file ?? (options.commands === undefined ? null : '-c');
  const output = (options.json ? jsonOutput : textOutput)(name, streams);
  if (options.interactive) return withHost(options, (host, home) => interactive(host, home, output, options));

  const text = options.commands ?? readScript(options.file ?? '', output);
  if (text === null) return exitCode.fileUnreadable;
  const { script, problems, warnings } = parse(text);
  warnings.forEach(output.warning);
  problems.forEach(output.problem);
  if (problems.length > 0) {
    if (!options.json) streams.error(`dtcl: nothing was run; ${problems.length} to correct.\n`);
    return exitCode.syntax;
  }
  return withHost(options, async (host) => {
    const controller = new AbortController();
    process.once('SIGINT', () => controller.abort(new Interrupted()));
    process.once('SIGTERM', () => controller.abort(new Interrupted()));
    const session = new DtclSession(host);
    try {
      return codeOf(
        await runScript(script, session, { ...output, stopsAtFailure: options.exitOnError === true }, controller.signal),
      );
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      streams.error('dtcl: interrupted; what was requested so far stays requested.\n');
      return exitCode.interrupted;
    }
  });
}

function readScript(file: string, output: DtclOutput): string | null {
  const path = typedPath(file);
  const read = readScriptFile(path);
  if ('reason' in read) {
    process.stderr.write(`dtcl: cannot read ${path}: ${read.reason}.\n`);
    return null;
  }
  const { text, isGuessed } = decodeScript(read.bytes);
  const at = { line: 1, column: 1 };
  if (isGuessed) output.warning({ at, number: 0, text: 'the file is not UTF-8; it is read as Windows-1252' });
  return text;
}

async function interactive(host: RegistryHost, home: string, output: DtclOutput, options: Options): Promise<number> {
  const session = new DtclSession(host);
  let code: number = exitCode.ok;
  await runPrompt({
    prompt: options.json ? '' : 'Command: ',
    continuation: options.json ? '' : '    ...: ',
    history: new PromptHistory(join(home, 'dtcl-history')),
    complete: (line) => complete(line, session),
    take: async (text) => {
      const { script, problems, warnings, isUnfinished } = parse(text, { interactive: true });
      if (isUnfinished && problems.length === 1 && !text.endsWith(';')) return 'more';
      warnings.forEach(output.warning);
      problems.forEach(output.problem);
      if (problems.length > 0) {
        code = exitCode.commandFailed;
        return 'next';
      }
      const controller = new AbortController();
      const interrupt = () => controller.abort(new Interrupted());
      process.once('SIGINT', interrupt);
      try {
        const result = await runScript(
          script,
          session,
          { ...output, stopsAtFailure: options.exitOnError === true },
          controller.signal,
        );
        if (result.failures > 0) code = codeOf(result);
        return result.end === 'finished' ? 'next' : 'leave';
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        process.stderr.write('Interrupted; what was requested so far stays requested.\n');
        code = exitCode.commandFailed;
        return 'drop';
      } finally {
        process.off('SIGINT', interrupt);
      }
    },
  });
  return code;
}

async function withHost(options: Options, use: (host: RegistryHost, home: string) => Promise<number>): Promise<number> {
  const home = options.home ?? consoleHome();
  makeFolders(home, 0o700);
  const registry = openRegistry(home, { box: fileSecretBox(home) });
  const ask = (question: string) => (process.stdin.isTTY ? readPassword(question) : Promise.resolve(null));
  const host = new RegistryHost(registry, ask);
  try {
    return await use(host, home);
  } finally {
    host.close();
  }
}

function codeOf({ failures, end }: RunResult): number {
  return end === 'stopped' ? exitCode.stopped : failures > 0 ? exitCode.commandFailed : exitCode.ok;
}

class Interrupted extends Error {}
