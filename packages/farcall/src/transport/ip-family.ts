import { isIPv4, isIPv6 } from "node:net"

/**
 * Which IP an address is of, 0 for a text that is none, as `isIP` of node:net has it. That asks names too whether they are
 * IPv6, and Node's regular expression for it takes 5 ms to compile: a program that has no such address starts without.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (text.includes(":")) return isIPv6(text) ? 6 : 0
  return isIPv4(text) ? 4 : 0
}
