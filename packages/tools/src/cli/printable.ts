/**
 * Text that cannot do anything to a terminal: control characters, and those that turn the direction of writing around, are
 * shown rather than sent. All on one line.
 */
export function printable(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(HARMFUL, visible)
}

const HARMLESS = /^[\x20-\x7e]*$/

/** Controls, formats (bidirectional ones, invisible ones), and separators of lines; joiners of emoji do no harm. */
const HARMFUL = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function visible(character: string): string {
  const code = character.codePointAt(0) as number
  // The pictures that Unicode has for C0's controls, in their order, and DEL's.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return "\u2421"
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`
}

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  if (HARMLESS.test(text)) return text.length
  let width = 0
  for (const character of text) width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** Drawn onto the character before. */
const MARK = /^[\p{Mn}\p{Me}\u200d]$/u

/** East Asian Wide and Fullwidth (Unicode UAX 11), by script and block, and emoji drawn as such. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u
