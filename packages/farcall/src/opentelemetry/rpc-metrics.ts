import type { Attributes } from "@opentelemetry/api"
import type { MessageTotals } from "../core/call-tracer.js"
import type { Status } from "../core/status.js"
import { oldDurationBounds, rpcDurationBounds, sizeBounds } from "./bounds.js"
import { attemptsUnmeasured, ByStatus, type CalledMethod, type CalledTarget, type CallMetrics } from "./call-metrics.js"
import type { Instruments } from "./instruments.js"
import { isServerError } from "./span-status.js"

/** The metrics of OpenTelemetry's semantic conventions for RPC, as they are stable. */
export function rpcMetrics(instruments: Instruments): CallMetrics {
  const durations = (name: string, description: string) =>
    instruments.histogram({ name, unit: "s", description, bounds: rpcDurationBounds })
  const client = durations(
    "rpc.client.call.duration",
    "Measures the duration of an outgoing Remote Procedure Call (RPC).",
  )
  const server = durations(
    "rpc.server.call.duration",
    "Measures the duration of an incoming Remote Procedure Call (RPC).",
  )
  const labelsOf = ({ name }: CalledMethod): Attributes => ({
    "rpc.system.name": "grpc",
    "rpc.method": name ?? "_OTHER",
  })
  return {
    client(method, target) {
      const labels = { ...labelsOf(method), ...serverLabels(target) }
      const series = new ByStatus((status) => client({ ...labels, ...outcome(status, status.code !== "OK") }))
      return { ...attemptsUnmeasured, onEnd: (status, seconds) => series.get(status).record(seconds) }
    },
    server(method) {
      const labels = labelsOf(method)
      const series = new ByStatus((status) => server({ ...labels, ...outcome(status, isServerError(status)) }))
      return { onStart() {}, onEnd: (status, seconds) => series.get(status).record(seconds) }
    },
  }
}

/** The same by the conventions' names before they were stable (1.37 and earlier), in milliseconds. */
export function oldRpcMetrics(instruments: Instruments): CallMetrics {
  const of = (side: "client" | "server") => {
    const histogram = (name: string, unit: string, bounds: readonly number[], description: string) =>
      instruments.histogram({ name: `rpc.${side}.${name}`, unit, bounds, description })
    return {
      duration: histogram("duration", "ms", oldDurationBounds, `How long a ${side}'s calls took`),
      requestSize: histogram("request.size", "By", sizeBounds, "Bytes of a call's requests, as they went on the wire"),
      responseSize: histogram(
        "response.size",
        "By",
        sizeBounds,
        "Bytes of a call's responses, as they went on the wire",
      ),
      requests: histogram("requests_per_rpc", "{count}", countBounds, "Requests of a call"),
      responses: histogram("responses_per_rpc", "{count}", countBounds, "Responses of a call"),
    }
  }
  const client = of("client")
  const server = of("server")
  const labelsOf = ({ service, method, name }: CalledMethod): Attributes =>
    name === undefined
      ? { "rpc.system": "grpc" }
      : { "rpc.system": "grpc", "rpc.service": service, "rpc.method": method }
  const seriesOf = (instruments: typeof client, labels: Attributes, sends: "requests" | "responses") => {
    const series = new ByStatus((status) => {
      const attributes = { ...labels, "rpc.grpc.status_code": status.codeNumber }
      return {
        duration: instruments.duration(attributes),
        requestSize: instruments.requestSize(attributes),
        responseSize: instruments.responseSize(attributes),
        requests: instruments.requests(attributes),
        responses: instruments.responses(attributes),
      }
    })
    return (status: Status, seconds: number, measured: MessageTotals): void => {
      const { duration, requestSize, responseSize, requests, responses } = series.get(status)
      const sent = sends === "requests"
      duration.record(seconds * 1000)
      requestSize.record(sent ? measured.sentBytes : measured.receivedBytes)
      responseSize.record(sent ? measured.receivedBytes : measured.sentBytes)
      requests.record(sent ? measured.sentMessages : measured.receivedMessages)
      responses.record(sent ? measured.receivedMessages : measured.sentMessages)
    }
  }
  return {
    client: (method, target) => ({
      ...attemptsUnmeasured,
      onEnd: seriesOf(client, { ...labelsOf(method), ...serverLabels(target) }, "requests"),
    }),
    server: (method) => ({ onStart() {}, onEnd: seriesOf(server, labelsOf(method), "responses") }),
  }
}

const countBounds = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]

function serverLabels({ address, port }: CalledTarget): Attributes {
  return port === undefined ? { "server.address": address } : { "server.address": address, "server.port": port }
}

function outcome({ code }: Status, failed: boolean): Attributes {
  return failed ? { "rpc.status_code": code, "error.type": code } : { "rpc.status_code": code }
}
