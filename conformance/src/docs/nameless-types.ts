import ts from "typescript"

/** The types that exported ones are made of and that cannot be imported: the members of a union, what these extend. */
export class NamelessTypes {
  readonly #checker: ts.TypeChecker
  readonly #exported: ReadonlySet<ts.Symbol>

  constructor(checker: ts.TypeChecker, exported: ReadonlySet<ts.Symbol>) {
    this.#checker = checker
    this.#exported = exported
  }

  /** Those that a type speaks of, and those that they speak of, each once, in the order in which they come. */
  within(symbol: ts.Symbol): ts.Symbol[] {
    const found = new Set<ts.Symbol>()
    this.#gather(symbol, found)
    found.delete(symbol)
    return [...found]
  }

  #gather(symbol: ts.Symbol, found: Set<ts.Symbol>): void {
    if (found.has(symbol)) return
    found.add(symbol)
    const visit = (node: ts.Node): void => {
      const name = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isExpressionWithTypeArguments(node)
          ? node.expression
          : undefined
      const spoken = name === undefined ? undefined : this.#checker.getSymbolAtLocation(name)
      if (spoken !== undefined) this.#consider(spoken, found)
      ts.forEachChild(node, visit)
    }
    for (const declaration of symbol.declarations ?? []) visit(declaration)
  }

  #consider(spoken: ts.Symbol, found: Set<ts.Symbol>): void {
    const symbol = spoken.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(spoken) : spoken
    const isPlain = (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) !== 0
    const isOurs = symbol.declarations?.some((one) => /\/packages\/\w+\/dist\//.test(one.getSourceFile().fileName))
    if (isPlain && isOurs === true && !this.#exported.has(symbol)) this.#gather(symbol, found)
  }
}
