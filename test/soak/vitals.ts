import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const MEBIBYTE = 1024 * 1024;
/** A garbage collector breathes, and in its first minutes it takes what it is given: less growth than this, in MiB, says nothing. */
const NOISE_MIB = 24;
const EARLY_NOISE_MIB = 96;
const EARLY_MS = 5 * 60_000;
/** More growth than this share of the memory at the begin is a leak. */
const MOST_GROWTH = 0.15;
/** Sockets of a session that has just ended may still be there at one look and not at the other. */
const MOST_MORE_DESCRIPTORS = 3;

/** What a process holds at one moment at which it has nothing to do. */
export interface Vitals {
  readonly atMs: number;
  readonly residentMib: number;
  /** What they are open for. */
  readonly descriptors: readonly string[];
}

/** Of a running process; null when it is not there. */
export function readVitals(pid: number, atMs: number): Vitals | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    return { atMs, residentMib: (kib * 1024) / MEBIBYTE, descriptors: descriptorsOf(pid) };
  } catch {
    return null;
  }
}

function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}

export interface Growth {
  readonly samples: number;
  /** Medians of the first and of the last third. */
  readonly residentMib: readonly [first: number, last: number];
  readonly descriptors: readonly [first: number, last: number];
  /** Of a straight line through all samples. */
  readonly residentMibPerHour: number;
  /** What grows, in words; empty when nothing does. */
  readonly complaints: readonly string[];
}

/** Judges the samples of one process, in the order in which they were taken, after its warm-up. At least three. */
export function judge(samples: readonly Vitals[]): Growth {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const ends = (read: (vitals: Vitals) => number): [number, number] => [
    median(samples.slice(0, third).map(read)),
    median(samples.slice(-third).map(read)),
  ];
  const residentMib = ends((vitals) => vitals.residentMib);
  const descriptors = ends((vitals) => vitals.descriptors.length);
  const complaints: string[] = [];
  const grownMib = residentMib[1] - residentMib[0];
  const isEarly = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0) < EARLY_MS;
  const noiseMib = isEarly ? EARLY_NOISE_MIB : NOISE_MIB;
  if (grownMib > Math.max(noiseMib, residentMib[0] * MOST_GROWTH)) complaints.push(`memory grew by ${grownMib.toFixed(0)} MiB`);
  const more = descriptors[1] - descriptors[0];
  if (more > MOST_MORE_DESCRIPTORS) complaints.push(`${more} more descriptors are open: ${added(samples).join(', ')}`);
  return { samples: samples.length, residentMib, descriptors, residentMibPerHour: slopePerHour(samples), complaints };
}

/** What is open at the end beyond what was at first. Sockets and pipes have other numbers each time: only how many counts. */
function added(samples: readonly Vitals[]): string[] {
  const kinds = (vitals: Vitals | undefined): string[] =>
    (vitals?.descriptors ?? []).map((name) => name.replace(/^(socket|pipe):.*/, '$1'));
  const left = kinds(samples.at(-1));
  for (const kind of kinds(samples[0])) {
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Least squares. */
function slopePerHour(samples: readonly Vitals[]): number {
  const mean = (read: (vitals: Vitals) => number) => samples.reduce((sum, vitals) => sum + read(vitals), 0) / samples.length;
  const [at, resident] = [mean((vitals) => vitals.atMs), mean((vitals) => vitals.residentMib)];
  let [products, squares] = [0, 0];
  for (const { atMs, residentMib } of samples) {
    products += (atMs - at) * (residentMib - resident);
    squares += (atMs - at) ** 2;
  }
  return squares === 0 ? 0 : (products / squares) * 3_600_000;
}
