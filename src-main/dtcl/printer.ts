import type { Argument, Command, Expression, Relation, Script, Statement } from './tree.ts';

/** Writes a tree as a script in one fixed form; parsing that gives the same tree again. */
export function printScript(script: Script): string {
  return printBlock(script.statements, '');
}

/** One command as it would be typed, without its `;`. */
function printCommand(command: Command): string {
  return [command.name, ...command.args.map(printArgument)].join(' ');
}

function printBlock(statements: readonly Statement[], indent: string): string {
  return statements.map((statement) => printStatement(statement, indent)).join('');
}

function printStatement(statement: Statement, indent: string): string {
  const inner = `${indent}  `;
  switch (statement.kind) {
    case 'command':
      return `${indent}${printCommand(statement)};\n`;
    case 'assign': {
      const { value } = statement;
      return `${indent}$${statement.variable} = ${value.kind === 'command' ? printCommand(value) : printExpression(value)};\n`;
    }
    case 'if': {
      const otherwise = statement.else.length === 0 ? '' : `${indent}else\n${printBlock(statement.else, inner)}`;
      return `${indent}if ${printRelation(statement.relation)} then\n${printBlock(statement.then, inner)}${otherwise}${indent}end;\n`;
    }
    case 'while':
      return `${indent}while ${printRelation(statement.relation)} do\n${printBlock(statement.body, inner)}${indent}end;\n`;
    case 'for': {
      const range = `$${statement.variable} = ${printExpression(statement.from)} to ${printExpression(statement.to)}`;
      return `${indent}for ${range} do\n${printBlock(statement.body, inner)}${indent}end;\n`;
    }
  }
}

function printArgument(argument: Argument): string {
  return argument.kind === 'variable' ? `$${argument.name}` : argument.kind === 'word' ? argument.text : quote(argument.text);
}

function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'integer':
      return String(expression.value);
    case 'text':
      return quote(expression.text);
    case 'variable':
      return `$${expression.name}`;
    case 'now':
      return expression.part;
    case 'sum': {
      const right = printExpression(expression.right);
      return `${printExpression(expression.left)} ${expression.operator} ${expression.right.kind === 'sum' ? `(${right})` : right}`;
    }
  }
}

function printRelation(relation: Relation): string {
  switch (relation.kind) {
    case 'compare':
      return `${printExpression(relation.left)} ${relation.operator} ${printExpression(relation.right)}`;
    case 'not':
      return `not ${parenthesised(relation.operand)}`;
    case 'logic':
      return `${parenthesised(relation.left)} ${relation.operator} ${parenthesised(relation.right)}`;
  }
}

function parenthesised(relation: Relation): string {
  return relation.kind === 'compare' ? printRelation(relation) : `(${printRelation(relation)})`;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
