import { connect, type Socket } from "node:net"
import { withReason } from "../core/reason.js"
import { type HttpProxy, joinHostPort, type TcpAddress } from "./address.js"

/**
 * Has a proxy connect to an address by HTTP CONNECT (RFC 9110 §9.3.6). The socket that comes of it is the server's, from
 * the first byte behind the proxy's answer on; it is paused.
 * @throws Error naming the proxy, the address, and what the proxy said
 */
export function openTunnel(address: TcpAddress, proxy: HttpProxy, signal: AbortSignal): Promise<Socket> {
  const target = joinHostPort(address.host, address.port)
  const by = `proxy ${joinHostPort(proxy.host, proxy.port)}`
  return new Promise((resolve, reject) => {
    const socket = connect({ host: proxy.host, port: proxy.port })
    let answer = Buffer.alloc(0)
    const settle = (): void => {
      signal.removeEventListener("abort", abandoned)
      socket.off("error", broken)
      socket.off("end", ended)
      socket.off("data", read)
    }
    const fail = (text: string, cause?: Error): void => {
      settle()
      // What the system says next of a socket that is given up concerns nobody.
      socket.on("error", () => {})
      socket.destroy()
      reject(withReason("FARCALL_PROXY_FAILED", new Error(text, { cause })))
    }
    const broken = (error: Error): void => fail(`${by}: ${error.message}`, error)
    const ended = (): void => fail(`${by} closed the connection before it had answered CONNECT ${target}`)
    const abandoned = (): void => fail("the attempt to connect was given up")
    const read = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk])
      const end = answer.indexOf("\r\n\r\n")
      if (end < 0) {
        if (answer.length > longestAnswer) fail(`${by} answered CONNECT ${target} with headers without an end`)
        return
      }
      const line = answer.toString("latin1", 0, answer.indexOf("\r\n"))
      if (!/^HTTP\/1\.\d 2\d\d\b/.test(line)) {
        fail(`${by} refused CONNECT ${target}: ${JSON.stringify(line.slice(0, 200))}`)
        return
      }
      settle()
      socket.pause()
      const rest = answer.subarray(end + 4)
      if (rest.length > 0) socket.unshift(rest)
      resolve(socket)
    }
    socket.on("error", broken)
    socket.on("end", ended)
    socket.on("data", read)
    signal.addEventListener("abort", abandoned)
    const authorization = proxy.authorization === undefined ? "" : `proxy-authorization: ${proxy.authorization}\r\n`
    socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${authorization}\r\n`)
    if (signal.aborted) abandoned()
  })
}

/** Bytes of a proxy's answer. */
const longestAnswer = 16 * 1024
