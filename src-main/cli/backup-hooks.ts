import { ReplicationError } from '../base/index.ts';
import { runProgram } from '../engine/connection/index.ts';
import type { BackupFacts } from './backup-output.ts';
import { environmentOf } from './backup-output.ts';
import { typedPath } from './typed-path.ts';

export type HookMoment = 'pre' | 'post';

/** Runs a program around a step of a window, without a shell and without arguments. Rejects with `hook-failed`. */
export async function runHook(
  typed: string | undefined,
  facts: BackupFacts,
  { command, moment, limitMs }: { readonly command: 'begin' | 'end'; readonly moment: HookMoment; readonly limitMs: number },
): Promise<void> {
  if (typed === undefined) return;
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME = '/' } = process.env;
  const environment = { PATH, HOME, ...environmentOf(facts), UNDERSTUDY_COMMAND: command, UNDERSTUDY_MOMENT: moment };
  const { outcome, text } = await runProgram({ program: typedPath(typed), environment, limitMs });
  if (outcome !== 'ok') throw new ReplicationError('hook-failed', { text: text.replace(/\.$/, ''), moment, command });
}
