import { fastify } from "fastify"

/** The call of examples/echo as JSON over HTTP/1.1, with schemas, as fastify is fastest. */
const server = fastify()
const text = { type: "object", properties: { message: { type: "string" } }, required: ["message"] }
server.post<{ Body: { message: string } }>(
  "/echo.Echo/Reply",
  { schema: { body: text, response: { 200: text } } },
  async (request) => ({ message: `You said: ${request.body.message}` }),
)
const address = await server.listen({ host: "127.0.0.1", port: 0 })
console.log(`listening on ${new URL(address).port}`)
process.once("SIGTERM", () => server.close())
