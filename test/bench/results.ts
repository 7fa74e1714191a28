import { median } from './measure.ts';

export type Unit = 's' | 'ms' | 'MB' | 'KB' | '%' | '×';

/** What one tool took for one piece of work: all its runs. For copies `durable` has the time until the copy would survive a power cut. */
export interface Figure {
  readonly work: string;
  readonly tool: string;
  readonly unit: Unit;
  readonly runs: readonly number[];
  readonly durable?: readonly number[];
  /** What a reader must know about this figure. */
  readonly remark?: string;
}

/** What is aimed at: a ratio Understudy / peer, or a value of its own. */
export interface Goal {
  readonly work: string;
  readonly peer: string | null;
  readonly most?: number;
  readonly least?: number;
}

export interface Verdict extends Goal {
  readonly measured: number;
  readonly isMet: boolean;
}

/** The goals that were measured, with what came out. Peers that were not there leave no verdict. */
export function judge(figures: readonly Figure[], goals: readonly Goal[]): Verdict[] {
  return goals.flatMap((goal) => {
    const of = (tool: string) => figures.find(({ work, tool: found }) => work === goal.work && found === tool);
    const own = of('understudy');
    const peer = goal.peer === null ? null : of(goal.peer);
    if (own === undefined || peer === undefined) return [];
    const measured = median(own.runs) / (peer === null ? 1 : median(peer.runs));
    const isMet = (goal.most === undefined || measured <= goal.most) && (goal.least === undefined || measured >= goal.least);
    return [{ ...goal, measured, isMet }];
  });
}
