/** A page of the documentation, as far as it can be right or wrong. */
export interface Page {
  /** From the repository's root: `docs/tutorial.md`. */
  readonly path: string
  readonly blocks: readonly Block[]
  /** Where its links lead, as written. */
  readonly links: readonly string[]
  /** What stands in code spans in its text. */
  readonly codeSpans: readonly string[]
  /** Declarations that its fragments may use: an HTML comment `<!-- prelude … -->`, which readers do not see. */
  readonly prelude: string | undefined
}

/** A fenced block of code. */
export interface Block {
  /** The first word behind the fence: `ts`, `proto`, `console` … */
  readonly language: string
  readonly text: string
  /** Its first line's number in the page, from 1. */
  readonly line: number
  /** The file that the block is, when its first line is a comment with a file's name. */
  readonly file: string | undefined
}

/** Reads a page in Markdown. @throws Error when a fence is not closed */
export function readPage(path: string, markdown: string): Page {
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { language: string; line: number; lines: string[] } | undefined
  markdown.split("\n").forEach((line, index) => {
    const fence = /^```\s*(\S*)/.exec(line)
    if (open === undefined) {
      if (fence === null) prose.push(line)
      else open = { language: fence[1]!, line: index + 2, lines: [] }
    } else if (fence === null) open.lines.push(line)
    else {
      const file = /^(?:\/\/|#) ([\w./-]+\.\w+)$/.exec(open.lines[0] ?? "")?.[1]
      blocks.push({ language: open.language, text: `${open.lines.join("\n")}\n`, line: open.line, file })
      open = undefined
    }
  })
  if (open !== undefined) throw new Error(`${path}:${open.line - 1}: the block that begins here is not closed`)
  const text = prose.join("\n")
  const visible = text.replace(/<!--[\s\S]*?-->/g, "")
  return {
    path,
    blocks,
    links: [...visible.matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g)].map((match) => (match[1] ?? match[2])!),
    codeSpans: visible.split(/\n\s*\n/).flatMap(spansOf),
    prelude: /<!-- prelude\n([\s\S]*?)-->/.exec(text)?.[1],
  }
}

/** The code spans of a paragraph; one may be broken across lines. */
function spansOf(paragraph: string): string[] {
  return [...paragraph.matchAll(/`([^`]+)`/g)].map((match) => match[1]!.replace(/\s+/g, " "))
}

/** The anchors of a page's headings, as they are made where the page is shown. */
export function headingAnchors(markdown: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading] of markdown.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)) {
    const words = heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
    anchors.add(words.trim().replace(/\s/g, "-"))
  }
  return anchors
}
