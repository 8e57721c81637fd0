import type { Attributes } from "@opentelemetry/api"
import { attemptBounds, latencyBounds, sizeBounds } from "./bounds.js"
import { attemptsUnmeasured, ByStatus, type CalledMethod, type CallMetrics, kindOf } from "./call-metrics.js"
import type { Instruments } from "./instruments.js"

/** gRPC's own metrics, by the names that all its implementations give them (gRPC A66). */
export function grpcMetrics(instruments: Instruments): CallMetrics {
  const counter = (name: string, unit: string, description: string) => instruments.counter({ name, unit, description })
  const seconds = (name: string, description: string) =>
    instruments.histogram({ name, unit: "s", description, bounds: latencyBounds })
  const bytes = (name: string, description: string) =>
    instruments.histogram({ name, unit: "By", description, bounds: sizeBounds })
  const client = {
    started: counter("grpc.client.attempt.started", "{attempt}", "Attempts at calls that were begun"),
    duration: seconds("grpc.client.attempt.duration", "How long attempts took, the search for a connection included"),
    sent: bytes("grpc.client.attempt.sent_total_compressed_message_size", "Bytes of an attempt's requests, compressed"),
    received: bytes(
      "grpc.client.attempt.rcvd_total_compressed_message_size",
      "Bytes of an attempt's responses, compressed",
    ),
    call: seconds("grpc.client.call.duration", "How long calls took"),
  }
  const server = {
    started: counter("grpc.server.call.started", "{call}", "Calls that came"),
    duration: seconds("grpc.server.call.duration", "How long calls took, from their headers to their end"),
    sent: bytes("grpc.server.call.sent_total_compressed_message_size", "Bytes of a call's responses, compressed"),
    received: bytes("grpc.server.call.rcvd_total_compressed_message_size", "Bytes of a call's requests, compressed"),
  }
  return {
    client(method, { uri }) {
      const labels: Attributes = { ...methodLabel(method), "grpc.target": uri }
      const started = client.started(labels)
      const ends = new ByStatus(({ code }) => {
        const attributes = { ...labels, "grpc.status": code }
        return {
          duration: client.duration(attributes),
          sent: client.sent(attributes),
          received: client.received(attributes),
        }
      })
      const calls = new ByStatus(({ code }) => client.call({ ...labels, "grpc.status": code }))
      return {
        onAttempt: () => started.add(1),
        onAttemptEnd(status, seconds, attempt) {
          const end = ends.get(status)
          end.duration.record(seconds)
          end.sent.record(attempt.sentBytes)
          end.received.record(attempt.receivedBytes)
        },
        onEnd: (status, seconds) => calls.get(status).record(seconds),
      }
    },
    server(method) {
      const labels: Attributes = methodLabel(method)
      const started = server.started(labels)
      const ends = new ByStatus(({ code }) => {
        const attributes = { ...labels, "grpc.status": code }
        return {
          duration: server.duration(attributes),
          sent: server.sent(attributes),
          received: server.received(attributes),
        }
      })
      return {
        onStart: () => started.add(1),
        onEnd(status, seconds, call) {
          const end = ends.get(status)
          end.duration.record(seconds)
          end.sent.record(call.sentBytes)
          end.received.record(call.receivedBytes)
        },
      }
    },
  }
}

/** Metrics of retries and hedges; where there were none, nothing is recorded (gRPC A96, experimental). */
export function retryMetrics(instruments: Instruments): CallMetrics {
  const counts = (name: string, unit: string, description: string) =>
    instruments.histogram({ name, unit, description, bounds: attemptBounds })
  const retries = counts("grpc.client.call.retries", "{retry}", "Retries of a call")
  const transparent = counts(
    "grpc.client.call.transparent_retries",
    "{transparent_retry}",
    "Attempts that were made anew, since no server had seen them",
  )
  const hedges = counts("grpc.client.call.hedges", "{hedge}", "Hedges of a call")
  const delay = instruments.histogram({
    name: "grpc.client.call.retry_delay",
    unit: "s",
    description: "How long a call waited for its next attempt with none running",
    bounds: latencyBounds,
  })
  return {
    client(method, { uri }) {
      const labels: Attributes = { ...methodLabel(method), "grpc.target": uri }
      const kinds = [
        ["retry", retries(labels)],
        ["transparent", transparent(labels)],
        ["hedge", hedges(labels)],
      ] as const
      const waited = delay(labels)
      return {
        ...attemptsUnmeasured,
        onEnd(_status, _seconds, call) {
          const { attempts } = call
          if (attempts.length < 2) return
          for (const [kind, counted] of kinds) {
            const count = attempts.filter((attempt) => kindOf(attempt) === kind).length
            if (count > 0) counted.record(count)
          }
          // In which none was running: a hedge is waited for beside those that run.
          const delayMs = attempts.reduce(
            (sum, attempt) => sum + (kindOf(attempt) === "retry" ? attempt.delayMs : 0),
            0,
          )
          if (delayMs > 0) waited.record(delayMs / 1000)
        },
      }
    },
    server: () => ({ onStart() {}, onEnd() {} }),
  }
}

/** A66: methods that nobody has registered are one, for anybody may think of any number. */
function methodLabel({ name }: CalledMethod): Attributes {
  return { "grpc.method": name ?? "other" }
}
