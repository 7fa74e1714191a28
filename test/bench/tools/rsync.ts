import { execFileSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { flush, versionOf } from '../measure.ts';
import { freePort, run, startServer, stopProcess } from './processes.ts';
import type { Job, Measure, Tool } from './tool.ts';

const CIPHER = 'aes128-gcm@openssh.com';

/** An rsync daemon on loopback whose module holds all targets. */
export interface RsyncDaemon {
  /** The daemon's address of a folder below the module. */
  url(folder: string): string;
  close(): Promise<void>;
}

export async function startRsyncDaemon(folder: string, targets: string): Promise<RsyncDaemon> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  // Only in a root of its own a daemon writes links as they are.
  const own = process.getuid?.() === 0 ? 'use chroot = yes\nuid = root\ngid = root\n' : 'use chroot = no\n';
  const config = `${folder}/rsyncd.conf`;
  writeFileSync(config, `munge symlinks = no\nlog file = /dev/null\n${own}[targets]\npath = ${targets}\nread only = false\n`);
  const child = await startServer(
    'rsync',
    ['--daemon', '--no-detach', `--port=${port}`, '--address=127.0.0.1', `--config=${config}`],
    port,
  );
  return {
    url: (target) => `rsync://127.0.0.1:${port}/targets/${relative(targets, target)}/`,
    close: () => stopProcess(child),
  };
}

/** rsync to a daemon: no encryption. Null where rsync is not installed. */
export async function rsyncOverDaemon(folder: string, targets: string): Promise<Tool | null> {
  const version = versionOf('rsync', ['--version']);
  if (version === null) return null;
  const daemon = await startRsyncDaemon(folder, targets);
  return rsync('rsync, daemon', version, 'no encryption', [], daemon.url.bind(daemon), daemon.close.bind(daemon));
}

/** rsync through an own sshd on loopback with keys of its own. Null where one of the two is missing. */
export async function rsyncOverSsh(folder: string): Promise<Tool | null> {
  const version = versionOf('rsync', ['--version']);
  const ssh = versionOf('ssh', ['-V']);
  if (version === null || ssh === null || !existsSync('/usr/sbin/sshd')) return null;
  const port = await freePort();
  const sshd = await startSshd(folder, port);
  const shell = [
    `ssh -p ${port} -i ${folder}/user_key -c ${CIPHER} -o Compression=no -o BatchMode=yes`,
    `-o UserKnownHostsFile=${folder}/known_hosts -o StrictHostKeyChecking=accept-new`,
  ].join(' ');
  const url = (target: string) => `127.0.0.1:${target}/`;
  return rsync('rsync, ssh', version, `${ssh.split(',')[0] ?? ssh}, ${CIPHER}`, ['-e', shell], url, () => stopProcess(sshd));
}

async function startSshd(folder: string, port: number): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const key of ['host_key', 'user_key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${key}`]);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/user_key.pub`,
    `PidFile ${folder}/sshd.pid`,
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'UsePAM no',
    '',
  ];
  writeFileSync(`${folder}/sshd_config`, lines.join('\n'));
  return startServer('/usr/sbin/sshd', ['-D', '-e', '-f', `${folder}/sshd_config`], port);
}

function rsync(
  name: string,
  version: string,
  note: string,
  options: readonly string[],
  url: (target: string) => string,
  close: () => Promise<void>,
): Tool {
  const copy = async ({ source, target }: Job, more: readonly string[]): Promise<Measure> => {
    const startMs = performance.now();
    await run('rsync', ['-aH', '--delete', '--numeric-ids', ...more, ...options, `${source}/`, url(target)]);
    const equalMs = performance.now() - startMs;
    flush(target);
    return { equalMs, durableMs: performance.now() - startMs };
  };
  return {
    name,
    version: version.replace(/\s+/g, ' ').replace(/ protocol.*/, ''),
    note: `rsync -aH --delete; ${note}`,
    durability:
      'nothing is flushed: a file may be renamed to its name before its data are on disk; the durable time is with sync -f afterwards',
    keepsFolderTimes: true,
    isSlow: false,
    mirror: (job) => copy(job, []),
    again: (job, checksum) => copy(job, checksum ? ['--checksum'] : []),
    follow: null,
    forget: () => Promise.resolve(),
    close,
  };
}
