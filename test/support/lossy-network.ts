import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What happens to each packet, in both directions. */
export interface Weather {
  /** From 0 to 1. */
  readonly loss: number;
  readonly delayMs: number;
  /** Nothing arrives any more, and nobody is told. */
  readonly isDown: boolean;
}

/**
 * A network of two machines: this one, and a network namespace in which a program runs with `launcher` and listens at `address`.
 * Packets go through a relay of our own that loses and delays them, as `tc netem` would, without asking for a kernel that has it.
 */
export class LossyNetwork {
  readonly address: string;
  readonly launcher: readonly string[];
  readonly #namespace: string;
  readonly #relay: ChildProcess;

  private constructor(namespace: string, address: string, relay: ChildProcess) {
    this.#namespace = namespace;
    this.address = address;
    this.#relay = relay;
    this.launcher = ['nsenter', `--net=/run/netns/${namespace}`];
  }

  /** The reason as text where it is not allowed or not possible; the caller then says so and leaves its tests out. */
  static async open(): Promise<LossyNetwork | string> {
    const subnet = process.pid % 250;
    const namespace = `understudy-${process.pid}`;
    const [ours, theirs] = [`us${process.pid}a`, `us${process.pid}b`];
    const [here, there] = [`10.77.${subnet}.1`, `10.77.${subnet}.2`];
    if (process.getuid?.() !== 0) return 'only root makes network namespaces';
    if (!ip('netns', 'add', namespace)) return 'no network namespaces here, or no iproute2';
    const relay = spawn(process.execPath, [join(import.meta.dirname, 'packet-relay.ts'), ours, theirs], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const network = new LossyNetwork(namespace, there, relay);
    const isReady = await Promise.race([
      once(createInterface(relay.stdout), 'line').then(() => true),
      once(relay, 'exit').then(() => false),
    ]);
    const isJoined =
      isReady &&
      ip('link', 'set', theirs, 'netns', namespace) &&
      ip('address', 'add', here, 'peer', there, 'dev', ours) &&
      ip('link', 'set', ours, 'up') &&
      ip('-n', namespace, 'address', 'add', there, 'peer', here, 'dev', theirs) &&
      ip('-n', namespace, 'link', 'set', theirs, 'up') &&
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    if (isJoined) return network;
    network.close();
    return 'no tunnel devices here';
  }

  set(weather: Partial<Weather>): void {
    this.#relay.stdin?.write(`${JSON.stringify(weather)}\n`);
  }

  close(): void {
    this.#relay.kill('SIGKILL');
    ip('netns', 'delete', this.#namespace);
  }
}

function ip(...args: readonly string[]): boolean {
  return spawnSync('ip', args).status === 0;
}
