// Evaluates the expressions of a file with GitHub's own evaluator and prints what each is worth.
//
// The file is a JSON list of { contexts, status, expressions }: contexts is JSON text, status the answers of the
// status functions by name. What is printed is a list with, for each, a list of { value, text, isTrue } or { error }.
import { readFileSync } from "node:fs";
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";

const bits = new DataView(new ArrayBuffer(8));

function number(value) {
  if (Number.isNaN(value)) return "NaN";
  bits.setFloat64(0, value);
  return bits.getBigUint64(0).toString(16);
}

// Numbers as the bits of the double, objects as lists of pairs, so that JSON loses nothing.
function plain(value) {
  switch (value.kind) {
    case data.Kind.Null:
      return { null: true };
    case data.Kind.Boolean:
      return { bool: value.value };
    case data.Kind.Number:
      return { number: number(value.value) };
    case data.Kind.String:
      return { string: value.value };
    case data.Kind.Array:
      return { array: value.values().map(plain) };
    case data.Kind.Dictionary:
      return { object: value.pairs().map(({ key, value }) => [key, plain(value)]) };
  }
  throw new Error(`unknown kind ${value.kind}`);
}

function evaluate(expression, scope, functions) {
  const names = scope.pairs().map(({ key }) => key);
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, names, functions).parse();
  const value = new Evaluator(tree, scope, new Map(functions.map((known) => [known.name, known]))).evaluate();
  return { value: plain(value), text: value.coerceString(), isTrue: truthy(value) };
}

function evaluateAll({ contexts, status, expressions }) {
  const scope = JSON.parse(contexts, data.reviver);
  const functions = Object.entries(status).map(([name, answer]) => ({
    name,
    description: name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer),
  }));
  return expressions.map((expression) => {
    try {
      return evaluate(expression, scope, functions);
    } catch (error) {
      return { error: error.message };
    }
  });
}

const batches = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(batches.map(evaluateAll)));
