import type { CallError } from '../../../src-main/api/index.ts';

/** What a call of the toy world fails with, as it travels. */
export class FakeFailure extends Error {
  readonly error: CallError;
  constructor(code: string, text: string) {
    super(text);
    this.error = { code, text, details: {} };
  }
}
