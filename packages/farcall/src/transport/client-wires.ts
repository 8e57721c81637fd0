import { SocketWire } from "./socket.js"
import { explainTlsError } from "./tls-errors.js"
import type { WireHandler } from "./wire.js"

/** A client's end of plaintext. It knows a server that wants TLS by its first words. */
export class PlaintextClientWire extends SocketWire {
  override attach(handler: WireHandler): void {
    super.attach(new FirstChunk(this, handler))
  }

  handOver(handler: WireHandler): void {
    super.attach(handler)
  }
}

/** Looks at the first bytes from the server, then stands aside. */
class FirstChunk implements WireHandler {
  private readonly wire: PlaintextClientWire
  private readonly handler: WireHandler

  constructor(wire: PlaintextClientWire, handler: WireHandler) {
    this.wire = wire
    this.handler = handler
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    this.wire.handOver(this.handler)
    if (isTlsAlert(chunk, start)) {
      this.handler.onWireClosed(
        new Error("the server answered plaintext with an alert of TLS: it wants { credentials: tls() }"),
      )
      this.wire.destroy()
    } else this.handler.onChunk(chunk, start, stop)
  }

  onWireEnd(): void {
    this.handler.onWireEnd()
  }

  onWireClosed(error: Error | undefined): void {
    this.handler.onWireClosed(error)
  }
}

/** RFC 8446 §5.1: a record of type alert (21), and the version that all records bear. No frame of HTTP/2 is so large. */
function isTlsAlert(chunk: Uint8Array, start: number): boolean {
  return chunk[start] === 21 && chunk[start + 1] === 3
}

/** A client's end of TLS. In TLS 1.3 the server may refuse the client's certificate after the handshake. */
export class TlsClientWire extends SocketWire {
  protected override explain(error: Error): Error {
    return explainTlsError(error, "client")
  }
}
