/** What a server is made of from its first address or connection on: all that speaks HTTP/2, and the calls. */
export { ServerCall } from "./call.js"
export { Listener } from "./listener.js"
export { ServerConnections } from "./server-connections.js"
