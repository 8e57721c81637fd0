/**
 * `grpc-timeout` on the wire (gRPC over HTTP/2, "Timeout"): at most eight digits and a unit.
 */

const unitMs: ReadonlyMap<string, number> = new Map([
  ["n", 1e-6],
  ["u", 1e-3],
  ["m", 1],
  ["S", 1e3],
  ["M", 60e3],
  ["H", 3600e3],
])

const MOST = 99_999_999

/** The header's value for a timeout in milliseconds: the finest unit that fits eight digits, rounded up, at least `0n`. */
export function encodeTimeout(ms: number): string {
  if (ms <= 0) return "0n"
  if (ms <= MOST / 1e3) return `${Math.ceil(ms * 1e3)}u`
  if (ms <= MOST) return `${Math.ceil(ms)}m`
  if (ms / 1e3 <= MOST) return `${Math.ceil(ms / 1e3)}S`
  if (ms / 60e3 <= MOST) return `${Math.ceil(ms / 60e3)}M`
  return `${Math.min(MOST, Math.ceil(ms / 3600e3))}H`
}

/** The timeout in milliseconds that a header's value says, or `undefined` when it is malformed (checklist point 2). */
export function decodeTimeout(value: string): number | undefined {
  const digits = value.length - 1
  if (digits < 1 || digits > 8) return undefined
  let amount = 0
  for (let i = 0; i < digits; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    amount = amount * 10 + digit
  }
  const unit = unitMs.get(value.charAt(digits))
  return unit === undefined ? undefined : amount * unit
}
