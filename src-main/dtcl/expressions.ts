import { SyntaxFailure } from './problem.ts';
import type { Scanner, Token } from './scanner.ts';
import type { CompareOperator, Expression, Position, Relation } from './tree.ts';

const compareOperators: Readonly<Record<string, CompareOperator>> = {
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Words that shape statements; bare, they are never text. */
const shapeWords = new Set(['and', 'or', 'not', 'then', 'do', 'to', 'end', 'else', 'if', 'while', 'for']);
const mostNesting = 100;

/**
 * Reads expressions and relations. Both start alike (`(` may open either), so one descent reads whichever comes and the caller's
 * need is checked afterwards: that gives the better sentence too.
 */
export class ExpressionReader {
  readonly #scanner: Scanner;
  readonly #warn: (token: Token) => void;
  #depth = 0;

  constructor(scanner: Scanner, warn: (token: Token) => void) {
    this.#scanner = scanner;
    this.#warn = warn;
  }

  /** A value: numbers, text, variables, `date`, `time`, sums of these. */
  expression(): Expression {
    this.#depth = 0;
    return asExpression(this.#sum());
  }

  /** A question with the answer yes or no. */
  relation(): Relation {
    this.#depth = 0;
    return asRelation(this.#or());
  }

  #or(): Expression | Relation {
    let left = this.#and();
    for (let at = this.#takeWord('or'); at !== null; at = this.#takeWord('or')) {
      left = { kind: 'logic', operator: 'or', left: asRelation(left), right: asRelation(this.#and()), at };
    }
    return left;
  }

  #and(): Expression | Relation {
    let left = this.#not();
    for (let at = this.#takeWord('and'); at !== null; at = this.#takeWord('and')) {
      left = { kind: 'logic', operator: 'and', left: asRelation(left), right: asRelation(this.#not()), at };
    }
    return left;
  }

  #not(): Expression | Relation {
    const at = this.#takeWord('not');
    if (at === null) return this.#comparison();
    return this.#deeper(at, () => ({ kind: 'not', operand: asRelation(this.#not()), at }));
  }

  #comparison(): Expression | Relation {
    const left = this.#sum();
    const token = this.#scanner.peek('expression');
    const operator = token.kind === 'operator' ? compareOperators[token.text] : undefined;
    if (operator === undefined) return left;
    this.#scanner.next('expression');
    return { kind: 'compare', operator, left: asExpression(left), right: asExpression(this.#sum()), at: token.at };
  }

  #sum(): Expression | Relation {
    let left = this.#primary();
    for (;;) {
      const token = this.#scanner.peek('expression');
      if (token.kind !== 'operator' || (token.text !== '+' && token.text !== '-')) return left;
      this.#scanner.next('expression');
      left = { kind: 'sum', operator: token.text, left: asExpression(left), right: asExpression(this.#primary()), at: token.at };
    }
  }

  #primary(): Expression | Relation {
    const token = this.#scanner.peek('expression');
    const { at } = token;
    switch (token.kind) {
      case 'integer':
        this.#scanner.next('expression');
        return { kind: 'integer', value: token.value, at };
      case 'text':
        this.#warn(token);
        this.#scanner.next('expression');
        return { kind: 'text', text: token.text, at };
      case 'variable':
        this.#scanner.next('expression');
        return { kind: 'variable', name: token.name, at };
      case 'word':
        return this.#word(token.text, at);
      case 'operator':
        if (token.text === '(') return this.#parentheses(at);
        if (token.text === '-') return this.#negative(at);
        throw new SyntaxFailure(at, `a value is missing before "${token.text}"`);
      case 'bad':
        this.#scanner.next('expression');
        throw new SyntaxFailure(at, token.problem);
      default:
        throw new SyntaxFailure(at, 'a value is missing here: a number, "text", a variable, date or time');
    }
  }

  #word(text: string, at: Position): Expression {
    const keyword = text.toLowerCase();
    if (shapeWords.has(keyword)) throw new SyntaxFailure(at, `a value is missing before "${text}"`);
    this.#scanner.next('expression');
    if (keyword === 'date' || keyword === 'time') {
      this.#takeWord('now');
      return { kind: 'now', part: keyword, at };
    }
    return { kind: 'text', text, at };
  }

  #parentheses(at: Position): Expression | Relation {
    this.#scanner.next('expression');
    return this.#deeper(at, () => {
      const inner = this.#or();
      const token = this.#scanner.peek('expression');
      if (token.kind !== 'operator' || token.text !== ')') {
        throw new SyntaxFailure(token.at, `the "(" of line ${at.line}, column ${at.column} is not closed`);
      }
      this.#scanner.next('expression');
      return inner;
    });
  }

  #negative(at: Position): Expression {
    this.#scanner.next('expression');
    const token = this.#scanner.next('expression');
    if (token.kind !== 'integer') throw new SyntaxFailure(token.at, 'a number must follow this minus sign');
    return { kind: 'integer', value: 0 - token.value, at };
  }

  #deeper<T>(at: Position, read: () => T): T {
    if (++this.#depth > mostNesting) throw new SyntaxFailure(at, `more than ${mostNesting} levels of nesting`);
    const result = read();
    this.#depth--;
    return result;
  }

  #takeWord(word: string): Position | null {
    const token = this.#scanner.peek('expression');
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return null;
    this.#scanner.next('expression');
    return token.at;
  }
}

function isRelation(node: Expression | Relation): node is Relation {
  return node.kind === 'compare' || node.kind === 'logic' || node.kind === 'not';
}

function asRelation(node: Expression | Relation): Relation {
  if (isRelation(node)) return node;
  throw new SyntaxFailure(node.at, 'a comparison is missing here, as in $id > 0');
}

function asExpression(node: Expression | Relation): Expression {
  if (!isRelation(node)) return node;
  throw new SyntaxFailure(node.at, 'a value is expected here, not a comparison');
}
