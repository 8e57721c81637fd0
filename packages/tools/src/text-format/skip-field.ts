import type { TextCursor } from "./text-cursor.js"

/** Moves over what comes after the name of a field that there was once. */
export function skipField(cursor: TextCursor): void {
  if (cursor.accept(":") && cursor.token.text !== "{" && cursor.token.text !== "<") skipValue(cursor)
  else skipMessage(cursor)
}

function skipMessage(cursor: TextCursor): void {
  cursor.enter()
  const close = cursor.accept("<") ? ">" : "}"
  if (close === "}") cursor.expect("{")
  while (cursor.token.text !== ">" && cursor.token.text !== "}") {
    if (cursor.accept("[")) cursor.bracketedName()
    else cursor.identifier()
    skipField(cursor)
    if (!cursor.accept(";")) cursor.accept(",")
  }
  cursor.expect(close)
  cursor.leave()
}

/** A list of values, or one that is no message. */
function skipValue(cursor: TextCursor): void {
  cursor.enter()
  if (cursor.token.kind === "string") cursor.string()
  else if (cursor.accept("[")) skipList(cursor)
  else {
    const isNegative = cursor.accept("-")
    const { kind, text } = cursor.token
    if (kind !== "integer" && kind !== "float" && kind !== "identifier") {
      cursor.fail(`Cannot skip field value, unexpected token: ${cursor.found}`)
    }
    if (isNegative && kind === "identifier" && !NEGATIVE_WORDS.has(text.toLowerCase())) {
      cursor.fail(`Invalid float number: ${text.toLowerCase()}`)
    }
    cursor.advance()
  }
  cursor.leave()
}

function skipList(cursor: TextCursor): void {
  if (cursor.accept("]")) return
  for (;;) {
    if (cursor.token.text === "{" || cursor.token.text === "<") skipMessage(cursor)
    else skipValue(cursor)
    if (cursor.accept("]")) return
    cursor.expect(",")
  }
}

/** Words that are numbers, and may have a minus before them. */
const NEGATIVE_WORDS: ReadonlySet<string> = new Set(["inf", "infinity", "nan"])
