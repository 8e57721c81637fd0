// compiles

import { type AnyService, type Channel, type Client, createClient, type Server, type Servicer } from "farcall"
import { createTestPair, type MockServicer, mockClient, mockServicer, type TestPair } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"
import { Greeter as Described } from "../gen/greeter_pb.js"

export function serve<Service extends AnyService>(server: Server, service: Service, servicer: Servicer<Service>): void {
  server.add(service, servicer as Partial<Servicer<Service>>)
}

export function clientOf<Service extends AnyService>(service: Service, channel: Channel): Client<Service> {
  return createClient(service, channel)
}

export function pairOf<Service extends AnyService>(
  service: Service,
  servicer: Partial<Servicer<Service>>,
): Promise<TestPair<Service>> {
  return createTestPair(service, servicer)
}

const mock: MockServicer<typeof Described> = mockServicer(Described)
mock.expect
  .sayHello({ name: "Ada" })
  .replyOnce({ message: "Hi" })
  .reply(({ name }) => ({ message: name }))
mock.expect.chat([{ name: "Ada" }]).reply([{ message: "Hi" }])
const { text = (await mockClient(Described, mock.servicer).sayHello({})).message } = { text: undefined }
const pair = await pairOf(Greeter, { recordNames: () => ({ count: text.length }) })
console.log((await pair.client.recordNames([])).count)
