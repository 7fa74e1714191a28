import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlSession } from '../../control/index.ts';
import { LocalService } from '../local-service.ts';

/** Two services with their sessions, and everything of theirs in one temporary folder. */
export interface DemoPair {
  readonly folder: string;
  readonly source: LocalService;
  readonly target: LocalService;
  readonly sourceSession: ControlSession;
  readonly targetSession: ControlSession;
  /** Stops both and removes the folder. */
  close(): Promise<void>;
}

/** Starts both services; what was started is stopped again when something fails. */
export async function startDemoPair(program: string): Promise<DemoPair> {
  // The real path: the engine does not follow links in a set's or a replica's folder.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-demo-'));
  const started: LocalService[] = [];
  const sessions: ControlSession[] = [];
  const close = async () => {
    for (const session of sessions) session.close();
    await Promise.allSettled(started.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const password = randomBytes(18).toString('base64url');
    const start = async (name: string) => {
      const own = join(folder, name);
      mkdirSync(own);
      const service = await LocalService.init({ program, name, folder: own, password });
      started.push(service);
      await service.start();
      const session = await service.session();
      sessions.push(session);
      return { service, session };
    };
    const [source, target] = await Promise.all([start('alpha'), start('beta')]);
    return {
      folder,
      source: source.service,
      target: target.service,
      sourceSession: source.session,
      targetSession: target.session,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
