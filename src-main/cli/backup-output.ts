import type { BackupView } from '../api/index.ts';
import { showBackup } from '../dtcl/index.ts';

export interface MadeCertificate {
  readonly id: string;
  /** Where it was brought to; null: it stays on the target. */
  readonly file: string | null;
}

export type BackupForm = 'text' | 'json' | 'shell';

/** What a backup program needs, in one flat object. Paths are the target's. */
export interface BackupFacts {
  readonly verdict: string;
  readonly name: string;
  readonly target: string;
  readonly fingerprint: string;
  readonly connection: string;
  readonly folders: readonly string[];
  readonly cut: number | null;
  readonly at: string | null;
  readonly label: string | null;
  readonly state: string;
  readonly owner: string | null;
  readonly since: string | null;
  readonly isOverdue: boolean;
  readonly copyAt: string | null;
  readonly copyAgeSeconds: number | null;
  readonly certificate: string | null;
  readonly certificateFile: string | null;
  readonly why: string;
}

export function factsOf(view: BackupView, certificate: MadeCertificate | null): BackupFacts {
  const { window, copy, verdict } = view;
  return {
    verdict: verdict.kind,
    name: view.name,
    target: view.targetName,
    fingerprint: view.targetFingerprint,
    connection: view.connectionId,
    folders: view.roots.map(({ to }) => to),
    cut: window?.cut?.sequence ?? null,
    at: window?.cut?.at ?? null,
    label: window?.cut?.label ?? null,
    state: window?.state ?? 'none',
    owner: window?.owner ?? null,
    since: window?.begunAt ?? null,
    isOverdue: window?.isOverdue ?? false,
    copyAt: copy?.at ?? null,
    copyAgeSeconds: copy === null ? null : Math.round(copy.ageMs / 1000),
    certificate: certificate?.id ?? null,
    certificateFile: certificate?.file ?? null,
    why: verdict.why,
  };
}

/** The same as variables; what is not there is empty. Folders are a line each. */
export function environmentOf(facts: BackupFacts): Readonly<Record<string, string>> {
  return {
    UNDERSTUDY_SLOT: facts.name,
    UNDERSTUDY_TARGET: facts.target,
    UNDERSTUDY_FINGERPRINT: facts.fingerprint,
    UNDERSTUDY_CONNECTION: facts.connection,
    UNDERSTUDY_FOLDERS: facts.folders.join('\n'),
    UNDERSTUDY_CUT: String(facts.cut ?? ''),
    UNDERSTUDY_TIME: facts.at ?? '',
    UNDERSTUDY_LABEL: facts.label ?? '',
    UNDERSTUDY_CERTIFICATE: facts.certificateFile ?? facts.certificate ?? '',
  };
}

/** `heading`: said first in text, in place of nothing. */
export function printBackup(
  view: BackupView,
  certificate: MadeCertificate | null,
  form: BackupForm,
  heading: string | null = null,
): void {
  const facts = factsOf(view, certificate);
  if (form === 'json') process.stdout.write(`${JSON.stringify(facts)}\n`);
  else if (form === 'shell')
    for (const [name, value] of Object.entries(environmentOf(facts))) process.stdout.write(`${name}=${quoted(value)}\n`);
  else {
    const made =
      certificate === null
        ? []
        : [`Certificate:  ${certificate.id}${certificate.file === null ? '' : `, in ${certificate.file}`}`];
    const lines = [...(heading === null ? [] : [heading]), ...showBackup(view), ...made];
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
