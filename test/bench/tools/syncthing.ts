import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { versionOf } from '../measure.ts';
import { freePort, stopProcess } from './processes.ts';
import { mirrorByFollowing, type Following, type Job, type Tool } from './tool.ts';

const LOOK_MS = 100;
const PATIENCE_MS = 1_800_000;

interface Device {
  readonly child: ChildProcess;
  readonly id: string;
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
}

/** Two Syncthing devices on loopback that know only each other, one sending and one receiving. Null where it is not installed. */
export async function syncthing(folder: string): Promise<Tool | null> {
  const version = versionOf('syncthing', ['--version']);
  if (version === null) return null;
  const [source, target] = await startPair(folder);
  let runs = 0;
  const folders = new Map<string, string>();

  const completion = async (id: string): Promise<boolean> => {
    const found = await target.call('GET', `/rest/db/status?folder=${id}`);
    const {
      globalFiles = 0,
      needTotalItems = 1,
      state,
    } = found as { globalFiles?: number; needTotalItems?: number; state?: string };
    return globalFiles > 0 && needTotalItems === 0 && state === 'idle';
  };
  const forget = async ({ target: key }: Job) => {
    const id = folders.get(key);
    if (id === undefined) return;
    folders.delete(key);
    for (const device of [source, target]) await device.call('DELETE', `/rest/config/folders/${id}`);
  };
  const follow = async (job: Job): Promise<Following> => {
    const id = `bench-${runs++}`;
    folders.set(job.target, id);
    const shared = {
      id,
      devices: [{ deviceID: source.id }, { deviceID: target.id }],
      fsWatcherEnabled: true,
      fsWatcherDelayS: 1, // older versions refuse parts of a second
    };
    await target.call('PUT', `/rest/config/folders/${id}`, { ...shared, path: job.target, type: 'receiveonly' });
    await source.call('PUT', `/rest/config/folders/${id}`, { ...shared, path: job.source, type: 'sendonly' });
    const giveUpAtMs = performance.now() + PATIENCE_MS;
    while (!(await completion(id))) {
      if (performance.now() > giveUpAtMs) throw new Error('Syncthing took longer than half an hour');
      await delay(LOOK_MS);
    }
    return { stop: () => forget(job), wireBytes: () => Promise.resolve(null) };
  };

  return {
    name: 'syncthing',
    version: version.split(' ').slice(0, 2).join(' ').replace('syncthing ', ''),
    note: 'one folder, sendonly to receiveonly, TLS 1.3, fsWatcherDelayS 1, no discovery or relays; puts .stfolder into both trees',
    durability: 'files are flushed before they are renamed (fsync on), folders too; the index is in a database of its own',
    keepsFolderTimes: false,
    isSlow: true,
    mirror: (job) => mirrorByFollowing(job, follow),
    again: null,
    follow,
    forget,
    close: async () => {
      for (const { child } of [source, target]) await stopProcess(child);
    },
  };
}

async function startPair(folder: string): Promise<readonly [Device, Device]> {
  const ports = { source: await freePort(), target: await freePort() };
  const source = await start(`${folder}/source`, ports.source);
  const target = await start(`${folder}/target`, ports.target);
  const introduce = async (to: Device, other: Device, port: number) => {
    await to.call('PUT', `/rest/config/devices/${other.id}`, { deviceID: other.id, addresses: [`tcp://127.0.0.1:${port}`] });
  };
  await introduce(source, target, ports.target);
  await introduce(target, source, ports.source);
  return [source, target];
}

async function start(home: string, port: number): Promise<Device> {
  mkdirSync(home, { recursive: true });
  execFileSync('syncthing', ['generate', `--home=${home}`, '--no-default-folder', '--skip-port-probing'], { stdio: 'ignore' });
  const gui = await freePort();
  const file = `${home}/config.xml`;
  const config = readFileSync(file, 'utf8')
    .replace(/<address>127\.0\.0\.1:\d+<\/address>/, `<address>127.0.0.1:${gui}</address>`)
    .replace(/<listenAddress>[^<]*<\/listenAddress>/, `<listenAddress>tcp://127.0.0.1:${port}</listenAddress>`)
    .replace(/<(globalAnnounceEnabled|localAnnounceEnabled|relaysEnabled|natEnabled|crashReportingEnabled)>true</g, '<$1>false<')
    .replace(/<urAccepted>[^<]*</, '<urAccepted>-1<');
  writeFileSync(file, config);
  const key = /<apikey>([^<]+)</.exec(config)?.[1] ?? '';
  const child = spawn('syncthing', ['serve', `--home=${home}`, '--no-browser', '--no-restart', '--no-upgrade'], {
    stdio: 'ignore',
  });
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${gui}${path}`, {
      method,
      headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`Syncthing answers ${answer.status} to ${path}`);
    const text = await answer.text();
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  for (let i = 0; ; i++) {
    try {
      const { myID } = (await call('GET', '/rest/system/status')) as { myID: string };
      return { child, id: myID, call };
    } catch (error) {
      // It is still starting.
      if (i > 150) throw error;
      await delay(100);
    }
  }
}
