import assert from "node:assert/strict"
import { test } from "node:test"
import { authorityAttributes, calledTarget, peerAttributes } from "./addresses.js"

test("targets have their canonical form", () => {
  for (const [target, uri, address, port] of [
    ["localhost:50051", "dns:///localhost:50051", "localhost", 50051],
    ["greeter.example", "dns:///greeter.example", "greeter.example", undefined],
    ["[::1]:50051", "dns:///[::1]:50051", "::1", 50051],
    ["dns:///greeter.example:443", "dns:///greeter.example:443", "greeter.example", 443],
    ["dns://8.8.8.8/greeter.example:443", "dns://8.8.8.8/greeter.example:443", "greeter.example", 443],
    ["dns:greeter.example:443", "dns:greeter.example:443", "greeter.example", 443],
    ["ipv4:10.0.0.1:1", "ipv4:10.0.0.1:1", "10.0.0.1", 1],
    ["ipv4:10.0.0.1:1,10.0.0.2:1", "ipv4:10.0.0.1:1,10.0.0.2:1", "10.0.0.1:1,10.0.0.2:1", undefined],
    ["unix:/run/x.sock", "unix:/run/x.sock", "/run/x.sock", undefined],
    ["unix:///run/x.sock", "unix:///run/x.sock", "/run/x.sock", undefined],
    ["consul://greeter", "consul://greeter", "greeter", undefined],
    ["in-memory:7", "in-memory:7", "7", undefined],
  ] as const) {
    assert.deepEqual({ target, ...calledTarget(target) }, { target, uri, address, port })
  }
})

test("peers and authorities are told apart from their ports", () => {
  assert.deepEqual(peerAttributes("ipv4:127.0.0.1:40000"), {
    "network.peer.address": "127.0.0.1",
    "network.peer.port": 40000,
    "network.transport": "tcp",
  })
  assert.equal(peerAttributes("ipv6:[::1]:40000")["network.peer.address"], "::1")
  assert.deepEqual(peerAttributes("unix:/run/x.sock"), {
    "network.peer.address": "/run/x.sock",
    "network.transport": "unix",
  })
  assert.deepEqual(peerAttributes("in-memory:7"), { "network.peer.address": "7" })
  assert.deepEqual(authorityAttributes("localhost:50051"), { "server.address": "localhost", "server.port": 50051 })
  assert.deepEqual(authorityAttributes("greeter.example"), { "server.address": "greeter.example" })
  assert.deepEqual(authorityAttributes("a:b:c:d:e:f:g:h:i"), { "server.address": "a:b:c:d:e:f:g:h:i" })
  assert.deepEqual(authorityAttributes(undefined), {})
})
