import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { NamelessTypes } from "./nameless-types.js"

const root = new URL("../../../", import.meta.url)
const packages = ["farcall", "http2", "protobuf", "tools"]

/** What a package lets be imported: a name, what it is, and what its docstring begins with. */
export interface PublicName {
  /** What it is imported from: `farcall/testing`. */
  readonly from: string
  readonly name: string
  readonly kind: "function" | "class" | "interface" | "type" | "const"
  /** Its declaration, or its members', one a line, as the compiler reads them; of a type those too that it is made of. */
  readonly shape: readonly string[]
  /** The first sentence of its docstring; empty when it has none. */
  readonly says: string
}

/** All that the built packages export, each where it was declared first. */
export async function publicNames(): Promise<PublicName[]> {
  const entries: { from: string; path: string }[] = []
  for (const folder of packages) {
    const manifest = new URL(`packages/${folder}/package.json`, root)
    const { name, exports } = JSON.parse(await readFile(manifest, "utf8")) as Manifest
    for (const [subpath, target] of Object.entries(exports)) {
      if (typeof target === "string" || subpath.includes("*")) continue
      entries.push({ from: name + subpath.slice(1), path: fileURLToPath(new URL(target.types, manifest)) })
    }
  }
  const program = ts.createProgram(
    entries.map(({ path }) => path),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, strict: true, skipLibCheck: true },
  )
  const checker = program.getTypeChecker()
  const exported = entries.map(({ from, path }) => {
    const entry = checker.getSymbolAtLocation(program.getSourceFile(path)!)
    const symbols = entry === undefined ? [] : checker.getExportsOfModule(entry)
    return symbols.map((symbol) => ({ from, name: symbol.name, symbol: declaredSymbol(symbol, checker) }))
  })
  const nameless = new NamelessTypes(checker, new Set(exported.flat().map(({ symbol }) => symbol)))
  return exported.flatMap((names) =>
    names
      .map(({ from, name, symbol }) => described(from, name, symbol, checker, nameless))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
  )
}

interface Manifest {
  readonly name: string
  readonly exports: Record<string, string | { readonly types: string }>
}

function declaredSymbol(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function described(
  from: string,
  name: string,
  symbol: ts.Symbol,
  checker: ts.TypeChecker,
  nameless: NamelessTypes,
): PublicName {
  const kind = kindOf(symbol)
  const shown = kind === "type" ? [symbol, ...nameless.within(symbol)] : [symbol]
  const shape = shown.flatMap(({ declarations = [] }) => declarations.flatMap(shapeOf))
  return { from, name, kind, shape, says: firstSentence(symbol, checker) }
}

function kindOf({ flags }: ts.Symbol): PublicName["kind"] {
  if (flags & ts.SymbolFlags.Class) return "class"
  if (flags & ts.SymbolFlags.Interface) return "interface"
  if (flags & ts.SymbolFlags.TypeAlias) return "type"
  return flags & ts.SymbolFlags.Function ? "function" : "const"
}

/** One line for a function, a type or a constant; for a class or an interface its head, and each public member. */
function shapeOf(declaration: ts.Declaration): string[] {
  if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) return [line(declaration)]
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  const members = declaration.members.filter(
    (member) => !(ts.getCombinedModifierFlags(member) & hidden) && !isPrivateName(member),
  )
  const text = declaration.getText()
  const head = onOneLine(text.slice(0, declaration.members.pos - declaration.getStart()))
  return members.length === 0 ? [`${head}}`] : [head, ...members.map((member) => `  ${line(member)}`), "}"]
}

function isPrivateName({ name }: ts.ClassElement | ts.TypeElement): boolean {
  return name !== undefined && ts.isPrivateIdentifier(name)
}

/** A declaration's text without its comments, on one line. */
function line(declaration: ts.Declaration): string {
  return onOneLine(declaration.getText())
}

function onOneLine(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/^(export |declare )+/, "")
    .replace(/;$/, "")
    .trim()
}

function firstSentence(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  const [paragraph = ""] = text.split(/\n\s*\n/)
  return (/^.*?[.:?!](?=\s|$)/s.exec(paragraph)?.[0] ?? paragraph).replace(/\s+/g, " ").trim()
}

/** What only generated code imports: its names are listed, without their shapes. */
export const forGeneratedCode: RegExp = /^@farcall\/protobuf\/(wire|wkt)/

/** The page. */
export const publicFacePage: URL = new URL("docs/public-face.md", root)

/** The page of all of them, in Markdown. */
export function publicFace(names: readonly PublicName[]): string {
  const lines = [
    "# The public face",
    "",
    "Every name that the packages export, and what it takes and gives, so that a change of it shows in review. Made from the",
    "built packages by `npm run generate`; what a name means at length, its docstring tells.",
  ]
  let from = ""
  for (const one of names) {
    if (one.from !== from) lines.push("", `## ${one.from}`, "")
    from = one.from
    if (forGeneratedCode.test(from)) lines.push(`- \`${one.name}\`${one.says && `: ${one.says}`}`)
    else
      lines.push(`### ${one.name}`, "", ...(one.says ? [one.says, ""] : []), "```typescript", ...one.shape, "```", "")
  }
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`
}
