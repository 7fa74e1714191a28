/** Source → scout. Nothing is answered; after `end` the thread ends. */
export type ToScout = ScoutOrder | 'end';

export interface ScoutOrder {
  /** Before each name, to make an absolute path of it. */
  readonly prefix: string;
  /** One after the other: a list of strings costs ten times as much to be handed over as one. */
  readonly names: string;
  /** They are to be read, and not only looked at. */
  readonly isRead: boolean;
  readonly atMs: number;
}

export interface ScoutData {
  /** Two numbers, at the places below. */
  readonly shared: SharedArrayBuffer;
}

/** Between two names: no name has it in it. */
export const BETWEEN = '\0';

/** Not 0: nothing is to be done any more. */
export const ENDED = 0;
/** 1 while it may be in a call of the system. */
export const BUSY = 1;
