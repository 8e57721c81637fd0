import type { Way } from "./way.js"

/** A server that shuts down tells its clients, lets what runs end, and loses nothing that was on its way. */
export const drain: Way = {
  name: "drain",
  title: "The way of a drain: a server tells its clients, whose new calls go elsewhere, and what runs comes to its end",
  forth: "no new calls here",
  back: "the last ones are over",
  left: {
    head: "server",
    stops: [
      { name: "your program", says: "await server.shutdown({ graceMs })", forth: [], back: [] },
      {
        file: "server/server.ts",
        forth: ["shutdown", "shutDown"],
        back: ["accept"],
        says: "what has not ended when the grace is over is cancelled",
      },
      {
        file: "server/listener.ts",
        forth: ["close"],
        says: "no further connections; sockets of unix paths are removed",
      },
      {
        file: "transport/http2-server.ts",
        forth: ["drain", "announceLast"],
        back: ["onPong", "streamDone", "onClosed"],
        says: "GOAWAY twice: what was on its way before the second is still taken",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["goAway", "ping"],
        back: ["receive"],
        says: "streams above the last one are refused, unseen by the application",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["flushNow"],
        back: ["onPong", "onClose"],
        says: "tells diagnostics channels why it drains",
      },
    ],
  },
  right: {
    head: "client",
    stops: [
      { name: "your program", says: "notices nothing: its next call is made on another connection", forth: [] },
      {
        file: "client/balanced-channel.ts",
        forth: ["update", "exitIdle"],
        says: "IDLE until a call comes, or one waits; what was refused is sent again",
      },
      {
        file: "balance/pick-first.ts",
        forth: ["onState", "lose"],
        says: "asks for addresses anew; the next call makes it connect",
      },
      {
        file: "balance/subchannel.ts",
        forth: ["fail"],
        says: "READY to IDLE: it has no connection for new calls",
      },
      {
        file: "balance/connection-attempt.ts",
        forth: ["onDraining"],
        says: "an attempt, and the connection that it led to",
      },
      {
        file: "transport/http2-client.ts",
        forth: ["onGoAway", "stopAccepting"],
        back: ["onIdle", "closeWhenIdle"],
        says: "calls that run go on to their end; then it closes",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["onChunk", "onGoAway"],
        back: ["close", "onClose"],
        says: "ends the wire",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["receive"],
        back: ["close"],
        says: "answers the PING; tells of the last stream's end",
      },
    ],
  },
  between: {
    name: "the wire",
    says: "the PING comes back behind all that the client had sent before it knew: then the last stream is known (RFC 9113 §6.8)",
    forth: "GOAWAY 2³¹−1, PING … GOAWAY with the last stream",
    back: "PING ACK … the client's close",
  },
}
