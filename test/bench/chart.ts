import { median } from './measure.ts';
import type { Figure } from './results.ts';

const WIDTH = 960;
const LABEL = 425;
const BAR = 16;
const GAP = 5;
const GROUP_GAP = 14;
const TOP = 54;
/** Ratios beyond this end at the edge, with their number. */
const MOST = 2.5;

/** Understudy's time divided by each peer's, as bars beside a line at 1: what ends left of it is faster. For a page of any brightness. */
export function chart(figures: readonly Figure[]): string {
  const groups = groupsOf(figures);
  const scale = (ratio: number) => LABEL + (Math.min(ratio, MOST) / MOST) * (WIDTH - LABEL - 70);
  const parts: string[] = [];
  let y = TOP;
  for (const { work, bars } of groups) {
    const middle = y + (bars.length * (BAR + GAP) - GAP) / 2 + 4;
    parts.push(`<text x="${LABEL - 12}" y="${middle}" text-anchor="end" class="work">${escaped(work)}</text>`);
    for (const { peer, ratio } of bars) {
      const kind = ratio <= 1 ? 'faster' : 'slower';
      const end = scale(ratio);
      const text = `${ratio < 0.001 ? 'less than ×0.001' : `×${ratio.toFixed(ratio < 0.1 ? 3 : 2)}`} of ${peer}`;
      parts.push(`<rect x="${LABEL}" y="${y}" width="${(end - LABEL).toFixed(1)}" height="${BAR}" rx="2" class="${kind}"/>`);
      const inside = end - LABEL > 260;
      parts.push(
        `<text x="${(inside ? end - 6 : end + 6).toFixed(1)}" y="${y + 12}"${inside ? ' text-anchor="end"' : ''} class="${inside ? 'in' : 'out'}">${escaped(text)}</text>`,
      );
      y += BAR + GAP;
    }
    y += GROUP_GAP;
  }
  const one = scale(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 6}" role="img" aria-label="Understudy's time divided by that of other tools">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600; font-size: 15px } .work { font-size: 13px }
.out, .in, .note { font-size: 12px } .in { fill: #ffffff } .faster { fill: #1a7f5a } .slower { fill: #b35900 } .one { stroke: #6e7781; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .in { fill: #ffffff } .faster { fill: #238a63 } .slower { fill: #bd6a12 } .one { stroke: #9198a1 } }
</style>
<text x="12" y="22" class="title">Understudy's time divided by that of other tools (shorter is better)</text>
<text x="${one}" y="42" text-anchor="middle" class="note">as fast</text>
<line x1="${one}" y1="${TOP - 6}" x2="${one}" y2="${y - 4}" class="one"/>
${parts.join('\n')}
</svg>
`;
}

function groupsOf(figures: readonly Figure[]): readonly { work: string; bars: readonly { peer: string; ratio: number }[] }[] {
  const own = figures.filter(({ tool, unit }) => tool === 'understudy' && (unit === 's' || unit === 'ms'));
  return own.flatMap((figure) => {
    const bars = figures
      .filter(({ work, tool }) => work === figure.work && tool !== figure.tool)
      .map((peer) => ({ peer: peer.tool, ratio: median(figure.runs) / median(peer.runs) }));
    return bars.length === 0 ? [] : [{ work: figure.work, bars }];
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
