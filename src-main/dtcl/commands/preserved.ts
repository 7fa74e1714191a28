import type { PreservedReport } from '../../api/index.ts';
import { connectionOf } from '../connections.ts';
import type { CommandDefinition } from '../definitions.ts';
import { nameOf } from '../show.ts';

/** What becomes of each property of files between the volumes of a connection. */
export const preservedCommand: CommandDefinition = {
  name: 'preserved',
  syntax: '<connection>',
  about:
    'What a replica keeps of its source: attributes, ACLs, links, times and names, found out from the volumes of both sides.',
  example: 'preserved $id;',
  bind(reader) {
    const which = reader.operand('the connection');
    reader.end();
    return async ({ session, print }) => {
      const connection = await connectionOf(session, which);
      const report = await session.sourceCalls().call('connection.preserved', { connectionId: connection.id });
      print(`What is preserved by ${nameOf(connection)}:`);
      for (const line of preservedLines(report)) print(line);
      return { result: 1, data: report };
    };
  },
};

function preservedLines({ roots, askedAt }: PreservedReport): string[] {
  const lines: string[] = [];
  for (const { from, to, sourceFileSystem, targetFileSystem, properties } of roots) {
    lines.push(`${from} (${sourceFileSystem ?? 'unknown'}) to ${to} (${targetFileSystem ?? 'unknown'})`);
    for (const { what, result, note } of properties)
      lines.push(`  ${result.padEnd(12)} ${what}${note === '' ? '' : `. ${note}`}`);
  }
  if (askedAt === null) lines.push('The target has not been asked yet: its link was not up.');
  return lines;
}
