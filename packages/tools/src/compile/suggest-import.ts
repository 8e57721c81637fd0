import { closest } from "./did-you-mean.js"

/** What may be meant by an import of a file that is not there: one of the files there are. */
export function suggestImport(written: string, files: Iterable<string>): string | undefined {
  const all = [...new Set(files)]
  // A right name below a wrong folder is the commonest slip: imports start from the search path, not from the file.
  const base = baseName(written)
  const sameBase = all.filter((name) => baseName(name) === base && name !== written)
  const found = sameBase.length === 1 ? sameBase[0] : (closest(written, sameBase) ?? closest(written, all))
  return found && `did you mean \`import "${found}"\`?`
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1)
}
