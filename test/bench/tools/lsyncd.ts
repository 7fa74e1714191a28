import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { looksComplete, until, versionOf } from '../measure.ts';
import { stopProcess } from './processes.ts';
import { mirrorByFollowing, type Following, type Job, type Tool } from './tool.ts';

/** lsyncd without delay, with rsync from folder to folder: no network at all. Null where it is not installed. */
export function lsyncd(folder: string): Tool | null {
  const version = versionOf('lsyncd', ['-version']);
  if (version === null || versionOf('rsync', ['--version']) === null) return null;
  let runs = 0;

  const follow = async (job: Job): Promise<Following> => {
    const own = `${folder}/${runs++}`;
    mkdirSync(own, { recursive: true });
    writeFileSync(`${own}/config.lua`, config(job.source, job.target, `${own}/status`));
    const child = spawn('lsyncd', ['-nodaemon', '-log', 'Error', `${own}/config.lua`], { stdio: 'ignore' });
    const stop = () => stopProcess(child);
    try {
      await until('the first copy by lsyncd', () => {
        if (child.exitCode !== null) throw new Error(`lsyncd ended with ${child.exitCode}`);
        return looksComplete(job.source, job.target, job.last);
      });
    } catch (error) {
      await stop();
      throw error;
    }
    return { stop, wireBytes: () => Promise.resolve(null) };
  };

  return {
    name: 'lsyncd',
    version: version.replace(/^Version: /, ''),
    note: 'delay = 0, rsync from folder to folder: no network and no encryption; leaves folders their own times',
    durability: 'as rsync, which it runs: nothing is flushed',
    keepsFolderTimes: false,
    isSlow: false,
    mirror: (job) => mirrorByFollowing(job, follow),
    again: null,
    follow,
    forget: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function config(source: string, target: string, status: string): string {
  return `settings { nodaemon = true, statusFile = "${status}", statusInterval = 60, insist = false }
sync {
  default.rsync, source = "${source}", target = "${target}", delay = 0,
  rsync = { archive = true, hard_links = true, compress = false }
}
`;
}
