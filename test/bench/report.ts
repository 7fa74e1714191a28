import { median, type Machine } from './measure.ts';
import type { Figure, Verdict } from './results.ts';
import type { Tool } from './tools/tool.ts';

export type ToolNote = Pick<Tool, 'name' | 'version' | 'note' | 'durability'>;

/** The medians as a Markdown table: one line for each piece of work, one column for each tool, ratios Understudy / tool. */
export function table(figures: readonly Figure[], tools: readonly ToolNote[]): string {
  const names = tools.map(({ name }) => name).filter((name) => figures.some(({ tool }) => tool === name));
  const works = [...new Set(figures.map(({ work }) => work))];
  const rows = works.map((work) => {
    const of = (name: string) => figures.find((figure) => figure.work === work && figure.tool === name);
    return [work, ...names.map((name) => cell(of(name), of('understudy')))];
  });
  const lines = [['', ...names], ['---', ...names.map(() => '---:')], ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** What was aimed at and whether it was met, as a Markdown table. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ work, peer, most, least, measured, isMet }) => {
    const bound = most !== undefined ? `≤ ${most}` : `≥ ${String(least)}`;
    return [work, peer === null ? bound : `${bound} of ${peer}`, rounded(measured), isMet ? 'met' : 'not met'];
  });
  const lines = [['', 'target', 'measured', ''], ['---', '---:', '---:', '---'], ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** All runs, one line for each figure. */
export function allRuns(figures: readonly Figure[]): string {
  return figures
    .map(({ work, tool, unit, runs, durable, remark }) => {
      const list = (values: readonly number[]) => values.map((value) => value.toFixed(digitsOf(unit, value))).join(', ');
      const tail = `${durable === undefined ? '' : `; durable ${list(durable)}`}${remark === undefined ? '' : ` (${remark})`}`;
      return `${work}: ${tool}: ${list(runs)} ${unit}${tail}`;
    })
    .join('\n');
}

/** What the numbers were measured on and with. */
export function circumstances(machine: Machine, tools: readonly ToolNote[], isCold: boolean): string {
  return [
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.kernel}, Node ${machine.node}; ${machine.disk}. Load at the start and at the end: ${machine.load.join(' and ')}.`,
    `- Page cache ${isCold ? 'emptied before each copy' : 'warm (no right to empty it)'}; source and target on the same disk, over loopback.`,
    ...tools.map(({ name, version, note, durability }) => `- ${name} ${version}: ${note}. Durability: ${durability}.`),
  ].join('\n');
}

export const legend = `Medians. Copies: seconds until the trees are equal, in brackets until the copy is durable. Live: from the end of the write on the
source until the file is complete under its final name, looked at five times each millisecond. × is Understudy's time divided by the
tool's: below 1 Understudy is faster. Every copy was compared byte by byte afterwards.`;

function cell(figure: Figure | undefined, own: Figure | undefined): string {
  if (figure === undefined) return '';
  const value = median(figure.runs);
  const digits = digitsOf(figure.unit, value);
  const durable = figure.durable === undefined ? '' : ` (${median(figure.durable).toFixed(digits)})`;
  const ratio = own === undefined || own === figure ? '' : ` ×${rounded(median(own.runs) / value)}`;
  const remark = figure.remark === undefined ? '' : `, ${figure.remark}`;
  return `${value.toFixed(digits)}${figure.unit === '×' ? '' : ` ${figure.unit}`}${durable}${ratio}${remark}`;
}

function digitsOf(unit: Figure['unit'], value: number): number {
  if (unit === 's') return value < 1 ? 3 : 2;
  return unit === '×' ? 2 : 1;
}

function rounded(value: number): string {
  if (value > 0 && value < 0.001) return '<0.001';
  if (value !== 0 && Math.abs(value) < 0.1) return value.toFixed(3);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
