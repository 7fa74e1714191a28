/** Where something stands in a script; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One argument of a command. A `word` was written bare and may be a keyword; a `text` was quoted and never is one. */
export type Argument =
  | { readonly kind: 'word'; readonly text: string; readonly at: Position }
  | { readonly kind: 'text'; readonly text: string; readonly at: Position }
  | { readonly kind: 'variable'; readonly name: string; readonly at: Position };

/** `name` is the canonical form of the command's words (`logon` reads `login`); `args` are what follows, without commas. */
export interface Command {
  readonly kind: 'command';
  readonly name: string;
  readonly args: readonly Argument[];
  readonly at: Position;
}

export type CompareOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Expression =
  | { readonly kind: 'integer'; readonly value: number; readonly at: Position }
  | { readonly kind: 'text'; readonly text: string; readonly at: Position }
  | { readonly kind: 'variable'; readonly name: string; readonly at: Position }
  | { readonly kind: 'now'; readonly part: 'date' | 'time'; readonly at: Position }
  | {
      readonly kind: 'sum';
      readonly operator: '+' | '-';
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Position;
    };

export type Relation =
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Position;
    }
  | {
      readonly kind: 'logic';
      readonly operator: 'and' | 'or';
      readonly left: Relation;
      readonly right: Relation;
      readonly at: Position;
    }
  | { readonly kind: 'not'; readonly operand: Relation; readonly at: Position };

export type Statement =
  | Command
  | { readonly kind: 'assign'; readonly variable: string; readonly value: Expression | Command; readonly at: Position }
  | {
      readonly kind: 'if';
      readonly relation: Relation;
      readonly then: readonly Statement[];
      readonly else: readonly Statement[];
      readonly at: Position;
    }
  | { readonly kind: 'while'; readonly relation: Relation; readonly body: readonly Statement[]; readonly at: Position }
  | {
      readonly kind: 'for';
      readonly variable: string;
      readonly from: Expression;
      readonly to: Expression;
      readonly body: readonly Statement[];
      readonly at: Position;
    };

export interface Script {
  readonly statements: readonly Statement[];
}
