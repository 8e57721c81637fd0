import { createContext, SourceTextModule } from "node:vm"
import { moduleGraph } from "./module-graph.js"

/*
 * Runs compileInBrowser in a context of its own, where JavaScript itself and these few globals, which every browser has,
 * are all there is: no process, no Buffer, no require. Prints its outcome. Started with --experimental-vm-modules.
 */
const context = createContext({ TextEncoder, TextDecoder, atob, btoa })
const graph = moduleGraph(new URL("compile-in-browser.js", import.meta.url).href)
const modules = new Map(
  [...graph.values()].map(({ url, text }) => [url, new SourceTextModule(text, { identifier: url, context })]),
)
const entry = [...modules.values()][0]!
await entry.link((specifier, importer) => modules.get(graph.get(importer.identifier)!.imports.get(specifier)!)!)
await entry.evaluate()
const { compileInBrowser } = entry.namespace as { compileInBrowser: () => unknown }
console.log(JSON.stringify(compileInBrowser()))
