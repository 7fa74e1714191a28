import { readFileSync } from 'node:fs';
import { isWithin, type AbsolutePath } from '../model/index.ts';

/** Where volumes are mounted below `folder`, sorted, each once; none where the system does not tell. */
export function mountsBelow(folder: AbsolutePath): AbsolutePath[] {
  const below = folder === '/' ? '/' : `${folder}/`;
  return [...new Set(mountPoints().filter((path) => path !== folder && path.startsWith(below)))].sort();
}

/** Whether a volume, or a part of one, is mounted at this very path: it cannot be moved then. `path` is free of links. */
export function isMountPoint(path: AbsolutePath): boolean {
  return mountPoints().includes(path);
}

/** Every place where a volume is mounted, in the order in which they were. */
function mountPoints(): AbsolutePath[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'latin1');
  } catch {
    return []; // no such list here: volumes below a root are then plain folders
  }
  return decodeMountInfo(text);
}

/** The mount points in the text of a `mountinfo` file. A mount point below another that was mounted later is hidden by it and left out. */
export function decodeMountInfo(text: string): AbsolutePath[] {
  const points: AbsolutePath[] = [];
  for (const line of text.split('\n')) {
    const field = line.split(' ', 5)[4];
    if (field === undefined) continue;
    const point = field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    for (let i = points.length - 1; i >= 0; i--) if (isWithin(points[i] ?? '', point)) points.splice(i, 1);
    points.push(point);
  }
  return points;
}
