import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { environmentProxy, type ProxyEnvironment, parseProxy } from "./http-proxy.js"

const proxy = { host: "proxy.example", port: 3128 }
const at = { host: "greeter.example", port: 443 }

describe("the environment's proxy", () => {
  const first: readonly (readonly [ProxyEnvironment, unknown])[] = [
    [{}, undefined],
    [{ https_proxy: "" }, undefined],
    [{ https_proxy: "http://proxy.example:3128" }, proxy],
    [{ HTTPS_PROXY: "proxy.example:3128" }, proxy],
    [{ http_proxy: "http://other", https_proxy: "http://proxy.example:3128" }, proxy],
    [{ https_proxy: "http://other", grpc_proxy: "http://proxy.example:3128" }, proxy],
    [{ http_proxy: "http://[::1]" }, { host: "::1", port: 80 }],
    [{ grpc_proxy: "http://me:p%40ss@proxy.example:3128" }, { ...proxy, authorization: "Basic bWU6cEBzcw==" }],
    [{ grpc_proxy: "http://proxy.example:3128", no_grpc_proxy: "x", no_proxy: "*" }, proxy],
  ]
  for (const [environment, expected] of first) {
    it(JSON.stringify(environment), () => assert.deepEqual(environmentProxy(at, environment), expected))
  }

  const exceptions: readonly (readonly [string, string, boolean])[] = [
    ["*", "greeter.example", true],
    ["greeter.example", "greeter.example", true],
    ["GREETER.example", "greeter.EXAMPLE", true],
    ["example", "greeter.example", true],
    [".example", "greeter.example", true],
    ["*.example", "greeter.example", true],
    ["ter.example", "greeter.example", false],
    ["other, example", "greeter.example", true],
    ["greeter.example:443", "greeter.example", true],
    ["greeter.example:80", "greeter.example", false],
    ["10.0.0.1", "10.0.0.1", true],
    ["0.0.1", "10.0.0.1", false],
    ["10.0.0.0/8", "10.9.9.9", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["2001:db8::/32", "2001:db8::1", true],
    ["10.0.0.0/99", "10.0.0.1", false],
    [",,", "greeter.example", false],
  ]
  for (const [list, host, excepted] of exceptions) {
    it(`no_proxy ${JSON.stringify(list)} ${excepted ? "names" : "does not name"} ${host}`, () => {
      const found = environmentProxy({ host, port: 443 }, { https_proxy: "http://proxy.example:3128", no_proxy: list })
      assert.deepEqual(found, excepted ? undefined : proxy)
    })
  }

  it("is not asked about this machine", () => {
    for (const host of ["localhost", "127.0.0.1", "::1"]) {
      assert.equal(environmentProxy({ host, port: 1 }, { https_proxy: "http://proxy.example" }), undefined)
    }
  })

  it("is named in the error when it is none", () => {
    assert.throws(() => environmentProxy(at, { HTTPS_PROXY: "socks5://x" }), {
      name: "TypeError",
      message: "the environment's HTTPS_PROXY is no proxy: it must have the form http://[user:password@]host[:port]",
    })
    assert.throws(() => parseProxy("http://", "this"), /^TypeError: this is no proxy/)
  })
})
