import { EventEmitter } from 'node:events';

/** A thread of which the test says what it does; without that it hears nothing, as one that hangs in a call of the system. */
export class FakeThread extends EventEmitter {
  threadId = 1;
  isShared = false;
  readonly heard: { kind: string }[] = [];

  postMessage(message: { kind: string }): void {
    this.heard.push(message);
  }

  unref(): void {
    // It keeps nothing alive.
  }

  ends(): void {
    this.threadId = -1;
    this.emit('exit', 0);
  }
}
