/**
 * Whether a name may stand in an import: relative, with single forward slashes and no way out of the search path, so that
 * it means the same everywhere.
 */
export function isVirtualPath(name: string): boolean {
  return !name.includes("\\") && name.split("/").every((part) => part !== "" && part !== "." && part !== "..")
}
