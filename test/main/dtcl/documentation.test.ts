import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { definitions } from '../../../src-main/dtcl/commands/index.ts';
import { numberMeanings } from '../../../src-main/dtcl/error-numbers.ts';
import { parse } from '../../../src-main/dtcl/index.ts';

const manual = readFileSync(new URL('../../../docs/dtcl.md', import.meta.url), 'utf8');

test.each(definitions.map(({ name, example }) => [name, example]))(
  '%s has an example that parses, and a place in the manual',
  (name, example) => {
    expect(parse(example).problems).toEqual([]);
    expect(manual).toContain(`\`${name}`);
  },
);

test('every script in the manual parses', () => {
  const scripts = [...manual.matchAll(/^```dtcl\n(.*?)^```/gms)].map((match) => match[1] ?? '');
  expect(scripts.length).toBeGreaterThan(3);
  for (const script of scripts) expect(parse(script).problems, script).toEqual([]);
});

test('every example in the tables of the manual parses', () => {
  const examples = [...manual.matchAll(/\| `([^`]*;)` +\|$/gm)].map((match) => match[1] ?? '');
  expect(examples.length).toBeGreaterThanOrEqual(definitions.length - 1);
  for (const example of examples) expect(parse(example).problems, example).toEqual([]);
});

test('every error number is in the manual', () => {
  for (const [number] of numberMeanings) expect(manual).toMatch(new RegExp(`^\\| ${number} +\\|`, 'm'));
});

test('the script in the front page parses', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const scripts = [...readme.matchAll(/dtcl -- -c "(.*?)"/gs)].map((match) => match[1] ?? '');
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(parse(script).problems, script).toEqual([]);
});
