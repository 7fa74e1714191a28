import type { Rectangle } from 'electron';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const DEFAULT_SIZE = { width: 1280, height: 800 };
const MINIMUM_VISIBLE = 100;

const storedBounds = z.object({
  version: z.literal(1),
  x: z.int(),
  y: z.int(),
  width: z.int().min(400).max(20_000),
  height: z.int().min(300).max(20_000),
  isMaximised: z.boolean(),
});

export interface WindowBounds {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly isMaximised: boolean;
}

/** Where the window was when it was closed last, if a display still shows that place; otherwise the default size, placed by the system. */
export function loadBounds(file: string, displays: readonly Rectangle[]): WindowBounds {
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The first start, or a damaged file: the place of a window is not worth a question.
    return { ...DEFAULT_SIZE, isMaximised: false };
  }
  const parsed = storedBounds.safeParse(stored);
  if (!parsed.success) return { ...DEFAULT_SIZE, isMaximised: false };
  const { x, y, width, height, isMaximised } = parsed.data;
  if (!displays.some((display) => overlaps(display, { x, y, width, height }))) return { width, height, isMaximised };
  return { x, y, width, height, isMaximised };
}

/** Written whole and renamed over, so that a crash leaves the old place. */
export function saveBounds(file: string, bounds: Rectangle, isMaximised: boolean): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ version: 1, ...bounds, isMaximised }));
  renameSync(`${file}.new`, file);
}

function overlaps(display: Rectangle, window: Rectangle): boolean {
  const width = Math.min(display.x + display.width, window.x + window.width) - Math.max(display.x, window.x);
  const height = Math.min(display.y + display.height, window.y + window.height) - Math.max(display.y, window.y);
  return width >= MINIMUM_VISIBLE && height >= MINIMUM_VISIBLE;
}
