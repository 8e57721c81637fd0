import type { LinkContext } from "./link-context.js"
import type { OptionOwner } from "./parsed-file.js"

/** Reports options of a declaration whose names have an empty part: `()`. Nothing of such a file is interpreted. */
export function checkOptionNames(context: LinkContext, owner: OptionOwner): void {
  for (const { name } of context.parsed.options.get(owner) ?? []) {
    // protoc gives no place for it.
    const hasGap = name.some(({ text }) => text === "")
    if (hasGap) context.errorAbout(owner, "Uninterpreted option is missing name or value.")
  }
}
