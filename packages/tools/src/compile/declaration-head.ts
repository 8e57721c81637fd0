import type { DescriptorNode, Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

/** What a keyword and a name begin. */
type Declaration = DescriptorNode & { name: string }

/**
 * `keyword Name`: a declaration begins, and is there from now on, whatever comes of the rest of it. Returns it.
 * @param siblings the declarations of its kind, which it joins
 * @param kind what errors call it
 */
export function parseHead<Node extends Declaration>(
  tokens: TokenStream,
  path: Path,
  node: Node,
  siblings: Node[],
  keyword: string,
  kind: string = keyword,
): Node {
  siblings.push(node)
  tokens.source.place(node, path)
  tokens.expect(keyword)
  node.name = tokens.declaredName(path, `Expected ${kind} name.`)
  return node
}
