import type { Channel } from '../../src-main/engine/transmit/index.ts';
import { encodeSource, sourceDecoder, type SourceMessage, type TargetMessage } from '../../src-main/engine/wire/index.ts';

interface Sent {
  readonly message: SourceMessage;
  readonly payload: Buffer;
  /** On which of the links it came: numbers of streams are used again on the next. */
  readonly link: number;
}

/**
 * A replica of files in memory that takes the wire at its word, as a real target does: what is out of place throws. It can forget what came
 * after some op, as if the line had broken there. Folders and attributes are not looked at.
 */
export class StrictTarget implements Channel {
  readonly #answer: (message: TargetMessage) => void;
  #sent: Sent[] = [];
  #link = 0;
  #streamBytes = 0;

  /** `answer` gets what it tells the source: that data were taken, and, where it is asked for hashes, that it has none, so that all is sent. */
  constructor(answer: (message: TargetMessage) => void) {
    this.#answer = answer;
  }

  send(message: SourceMessage, payload: Uint8Array = new Uint8Array(), onWritten?: () => void): void {
    const decoder = sourceDecoder();
    for (const part of encodeSource(message, payload)) decoder.feed(Buffer.from(part));
    this.#sent.push({ message, payload: Buffer.from(payload), link: this.#link });
    if (message.kind === 'data') this.#answer({ kind: 'taken', bytes: (this.#streamBytes += payload.length) });
    if (message.kind === 'get-signatures') {
      const { requestId } = message;
      const files = message.files.map(() => ({ size: null, blocks: 0 }));
      queueMicrotask(() => this.#answer({ kind: 'signatures', requestId, files }));
    }
    onWritten?.();
  }

  /** The last op that came: each is complete when it comes. */
  lastSequence(): number {
    for (const { message } of this.#sent.toReversed()) if (message.kind === 'ops') return message.ops.at(-1)?.sequence ?? 0;
    return 0;
  }

  /** The line broke: everything up to `sequence` was received, and nothing else; streams that no op took are gone. */
  forgetAfter(sequence: number): void {
    const kept = new Set<string>();
    for (const { message, link } of this.#sent)
      if (message.kind === 'data-end' && message.sequence <= sequence) kept.add(`${link}/${message.stream}`);
    this.#sent = this.#sent.flatMap((sent): Sent[] => {
      const { message, payload, link } = sent;
      if ('stream' in message) return kept.has(`${link}/${message.stream}`) ? [sent] : [];
      if (message.kind !== 'ops') return [];
      const ops = message.ops.filter((op) => op.sequence <= sequence);
      const bytes = ops.reduce((sum, op) => sum + (op.kind === 'write' ? op.size : 0), 0);
      return ops.length === 0 ? [] : [{ message: { kind: 'ops' as const, ops }, payload: payload.subarray(0, bytes), link }];
    });
    this.#link++;
    this.#streamBytes = 0;
  }

  /** The content of each file after all that came. */
  files(): Map<string, string> {
    const files = new Map<string, string>();
    const streams = new Map<string, Buffer>();
    let ended: { readonly sequence: number; readonly content: string } | null = null;
    let last = 0;
    for (const { message, payload, link } of this.#sent) {
      if ('stream' in message) {
        const key = `${link}/${message.stream}`;
        const stream = streams.get(key);
        if ((stream === undefined) !== (message.kind === 'stream'))
          throw new Error(`${message.kind} of a stream at the wrong time`);
        if (message.kind === 'stream') streams.set(key, Buffer.alloc(2 * 1024 * 1024));
        else if (message.kind === 'data') stream?.set(payload, message.offset);
        else streams.delete(key);
        if (message.kind !== 'data-end') continue;
        if (ended !== null) throw new Error('a stream ended before the op of the last one came');
        ended = { sequence: message.sequence, content: stream?.toString('latin1', 0, message.size) ?? '' };
      }
      if (message.kind !== 'ops') continue;
      let at = 0;
      for (const op of message.ops) {
        if (op.sequence !== last + 1) throw new Error(`op ${op.sequence} came after op ${last}`);
        last = op.sequence;
        if (op.kind === 'write') files.set(op.path, payload.toString('latin1', at, (at += op.size)));
        else if (op.kind === 'write-stream') {
          if (ended?.sequence !== op.sequence) throw new Error(`op ${op.sequence} takes a stream that did not end for it`);
          files.set(op.path, ended.content);
          ended = null;
        } else if (op.kind === 'remove') files.delete(op.path);
        else if (op.kind === 'rename') {
          files.set(op.path, files.get(op.from) ?? '');
          files.delete(op.from);
        }
      }
    }
    return files;
  }
}
