import { optionOutOfRange } from "./reason.js"

/**
 * Checks an option that counts something; `undefined` is its default.
 * @param where the function that the user called, for the error
 * @param least 0 or more
 * @throws RangeError when it is neither whole nor Infinity, or below `least`
 */
export function checkWholeNumber(where: string, name: string, value: number | undefined, least: number): void {
  if (value === undefined) return
  if (value < least || !(Number.isInteger(value) || value === Number.POSITIVE_INFINITY)) {
    const wanted = `a whole number, ${least} or more, or Infinity`
    throw optionOutOfRange(`${where}: ${name} is ${value}, and must be ${wanted}`)
  }
}

/** Other implementations take −1 for no limit: here it is Infinity. @throws as `checkWholeNumber` */
export function checkMessageLengths(where: string, options: MessageLengths): void {
  checkWholeNumber(where, "maxReceiveMessageLength", options.maxReceiveMessageLength, 0)
  checkWholeNumber(where, "maxSendMessageLength", options.maxSendMessageLength, 0)
}

interface MessageLengths {
  readonly maxReceiveMessageLength?: number | undefined
  readonly maxSendMessageLength?: number | undefined
}
