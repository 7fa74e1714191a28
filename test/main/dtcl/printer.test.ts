import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, printScript } from '../../../src-main/dtcl/index.ts';
import type { Argument, Command, Expression, Relation, Statement } from '../../../src-main/dtcl/tree.ts';

const at = { line: 0, column: 0 };
const reserved = /^(then|else|end|do|and|or|not|to|for|if|while|date|time|now)$/i;

const variableName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const text = fc
  .oneof(fc.string({ maxLength: 12 }), fc.constantFrom('', 'a "b" c', '#', ';', 'c:\\x y\\', 'exact', 'to', '“a”', "'"))
  .filter((s) => !/[\r\n]/.test(s));
const word = fc
  .stringMatching(/^[a-zA-Z0-9:\\/._#*=()+-]{1,12}$/)
  .filter((s) => !s.startsWith('#') && !reserved.test(s) && s !== '+');

const argument: fc.Arbitrary<Argument> = fc.oneof(
  word.map((w): Argument => ({ kind: 'word', text: w, at })),
  text.map((t): Argument => ({ kind: 'text', text: t, at })),
  variableName.map((name): Argument => ({ kind: 'variable', name, at })),
);
const keyword = (w: string): Argument => ({ kind: 'word', text: w, at });
const name: fc.Arbitrary<Argument> = fc.oneof(
  text.map((t): Argument => ({ kind: 'text', text: t, at })),
  variableName.map((v): Argument => ({ kind: 'variable', name: v, at })),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.array(argument, { maxLength: 4 }).map((args): Command => ({ kind: 'command', name: 'write', args, at })),
  fc
    .record({ set: name, target: name, base: name, options: fc.subarray(['different', 'checksum', 'mirror']) })
    .map(({ set, target, base, options }): Command => ({
      kind: 'command',
      name: 'connect',
      args: [set, keyword('to'), target, keyword('map'), keyword('base'), base, ...options.map(keyword)],
      at,
    })),
  fc
    .tuple(fc.constantFrom('disconnect', 'status connection', 'mirror stop', 'repset use', 'ping'), name)
    .map(([command, only]): Command => ({ kind: 'command', name: command, args: [only], at })),
);

const { expression, relation, statement } = fc.letrec<{ expression: Expression; relation: Relation; statement: Statement }>(
  (tie) => ({
    expression: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value): Expression => ({ kind: 'integer', value, at })),
      text.map((t): Expression => ({ kind: 'text', text: t, at })),
      variableName.map((v): Expression => ({ kind: 'variable', name: v, at })),
      fc.constantFrom('date' as const, 'time' as const).map((part): Expression => ({ kind: 'now', part, at })),
      fc
        .tuple(fc.constantFrom('+' as const, '-' as const), tie('expression'), tie('expression'))
        .map(([operator, left, right]): Expression => ({ kind: 'sum', operator, left, right, at })),
    ),
    relation: fc.oneof(
      { maxDepth: 3 },
      fc
        .tuple(
          fc.constantFrom('=' as const, '<>' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
          tie('expression'),
          tie('expression'),
        )
        .map(([operator, left, right]): Relation => ({ kind: 'compare', operator, left, right, at })),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), tie('relation'), tie('relation'))
        .map(([operator, left, right]): Relation => ({ kind: 'logic', operator, left, right, at })),
      tie('relation').map((operand): Relation => ({ kind: 'not', operand, at })),
    ),
    statement: fc.oneof(
      { maxDepth: 3 },
      command,
      fc
        .tuple(variableName, fc.oneof(tie('expression'), command))
        .map(([variable, value]): Statement => ({ kind: 'assign', variable, value, at })),
      fc
        .tuple(tie('relation'), fc.array(tie('statement'), { maxLength: 3 }), fc.array(tie('statement'), { maxLength: 2 }))
        .map(([condition, then, otherwise]): Statement => ({ kind: 'if', relation: condition, then, else: otherwise, at })),
      fc
        .tuple(tie('relation'), fc.array(tie('statement'), { maxLength: 3 }))
        .map(([condition, body]): Statement => ({ kind: 'while', relation: condition, body, at })),
      fc
        .tuple(variableName, tie('expression'), tie('expression'), fc.array(tie('statement'), { maxLength: 2 }))
        .map(([variable, from, to, body]): Statement => ({ kind: 'for', variable, from, to, body, at })),
    ),
  }),
);

/** The tree without its places. */
function bare(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

test('printing any tree and parsing it again gives the same tree', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 4 }), (statements) => {
      const printed = printScript({ statements });
      const { script, problems } = parse(printed);
      expect(problems, printed).toEqual([]);
      expect(bare(script), printed).toEqual(bare({ statements }));
    }),
    { numRuns: 500 },
  );
});

test('expressions and relations alone survive too', () => {
  fc.assert(
    fc.property(expression, relation, (value, condition) => {
      const statements: Statement[] = [
        { kind: 'assign', variable: 'x', value, at },
        { kind: 'if', relation: condition, then: [], else: [], at },
      ];
      expect(bare(parse(printScript({ statements })).script)).toEqual(bare({ statements }));
    }),
    { numRuns: 500 },
  );
});

test('random text never breaks the parser', () => {
  const piece = fc.constantFrom(
    'if',
    'then',
    'else',
    'end',
    'while',
    'do',
    'for',
    '$x',
    '=',
    '1',
    '(',
    ')',
    'connect',
    'map',
    'to',
    ';',
    ',',
    '"a"',
    '\n',
    '#',
    'not',
    '<',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.array(piece, { maxLength: 60 }).map((a) => a.join(' ')),
      ),
      fc.boolean(),
      (source, interactive) => {
        parse(source, { interactive });
      },
    ),
    { numRuns: 1000 },
  );
});
