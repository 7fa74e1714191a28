import { readFileSync } from 'node:fs';
import { silentLog } from '../../src-main/base/index.ts';
import type { EngineIdentity, ReplicaSpec } from '../../src-main/engine/connection/index.ts';
import { TargetHost } from '../../src-main/engine/connection/target/target-host.ts';

/** The program of a process that is nothing but a target; crash tests kill it. Its argument is a JSON file; it prints one line with its port. */
export interface TargetProcessOptions {
  readonly dataDir: string;
  readonly identity: EngineIdentity;
  readonly spec: ReplicaSpec;
}

if (process.argv[1] === import.meta.filename) {
  const { dataDir, identity, spec } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as TargetProcessOptions;
  const host = new TargetHost({
    dataDir,
    identity,
    host: '127.0.0.1',
    port: 0,
    log: { ...silentLog, error: (message, facts) => console.error(message, facts) },
    onReplicas: () => undefined,
    onEvent: (event) => console.error(event.text),
    onReleased: () => undefined,
  });
  const { port } = await host.listen();
  await host.admit(spec);
  console.log(JSON.stringify({ port }));
}
