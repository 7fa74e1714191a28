import { createRequire } from 'node:module';
import { isAscii } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';

type NativeFunction = ((...args: readonly unknown[]) => unknown) & {
  async(...args: readonly unknown[]): void;
};

/** The C library of this process. `errno` is the one of the last native call of this thread; read it right after the call. */
export interface Libc {
  /** Binds a function by its C declaration, once; throws when the library has none of that name. */
  bind(declaration: string): NativeFunction;
  errno(): number;
}

interface Koffi {
  load(path: null): { func(declaration: string): NativeFunction };
  errno(): number;
}

type Loaded = { readonly libc: Libc; readonly why: '' } | { readonly libc: null; readonly why: string };

let loaded: Loaded | undefined;

/** The C library, or why there is none. Loaded at the first use, once per thread: it costs about 20 ms. */
export function libcOrReason(): Loaded {
  loaded ??= load();
  return loaded;
}

/** The C library, or null where native calls are not to be had. */
export function loadLibc(): Libc | null {
  return libcOrReason().libc;
}

function load(): Loaded {
  if (process.platform !== 'linux') return { libc: null, why: `native calls are made for Linux, this is ${process.platform}` };
  try {
    // Required, not imported: a machine without the binary must still run, with fewer capabilities.
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const library = koffi.load(null);
    const bound = new Map<string, NativeFunction>();
    const bind = (declaration: string): NativeFunction => {
      const known = bound.get(declaration);
      if (known !== undefined) return known;
      const made = library.func(declaration);
      bound.set(declaration, made);
      return made;
    };
    return { libc: { bind, errno: () => koffi.errno() }, why: '' };
  } catch (error) {
    return { libc: null, why: `the native library cannot be loaded: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A raw path in the form Node's file calls take: text when it is ASCII (the fast way), else its bytes. */
export function native(path: AbsolutePath): string | Buffer {
  return isAscii(path) ? path : Buffer.from(path, 'latin1');
}

/** A raw path for a native parameter declared `const char *`: text would be written as UTF-8, so other bytes go as a C string. */
export function pathArgument(path: AbsolutePath): string | Buffer {
  return isAscii(path) ? path : Buffer.from(`${path}\0`, 'latin1');
}
