import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { anything, property as checked, constantFrom, assert as property } from "fast-check"
import { reasonOf } from "../core/reason.js"
import { Parrot } from "../test-support/parrot.js"
import { parseServiceConfig } from "./parse-service-config.js"
import type { MethodConfigJson, ServiceConfigJson } from "./service-config.js"

const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
} as const

/** Every fault of a config, for any JSON whatever. */
function faultsOf(json: unknown): string[] {
  try {
    parseServiceConfig(json as ServiceConfigJson)
  } catch (error) {
    assert.ok(error instanceof TypeError)
    return error.message.split("\n")
  }
  return []
}

function faultsOfMethod(config: unknown): string[] {
  return faultsOf({ methodConfig: [{ name: [{ service: "a.B" }], ...(config as object) }] }).map((fault) =>
    fault.replace("serviceConfig.methodConfig[0].", ""),
  )
}

describe("a service config", () => {
  it("is looked up by method, then by service, then for everything", () => {
    const timeout = (name: MethodConfigJson["name"], seconds: number): MethodConfigJson => ({
      name,
      timeout: `${seconds}s`,
    })
    const config = parseServiceConfig({
      methodConfig: [
        timeout([{}], 1),
        timeout([{ service: "test.Parrot" }, { service: "other.Service", method: "" }], 2),
        timeout([{ service: "test.Parrot", method: "Say" }], 3),
        timeout([], 4),
      ],
    })
    const { say, chat } = Parrot.methods
    assert.equal(config.forMethod(say)?.timeoutMs, 3_000)
    assert.equal(config.forMethod(say), config.forMethod(say))
    assert.equal(config.forMethod(chat)?.timeoutMs, 2_000)
    assert.equal(config.forMethod({ ...say, path: "/x.Y/Say" })?.timeoutMs, 1_000)
    assert.equal(config.forMethod({ ...say, path: "/other.Service/Say" })?.timeoutMs, 2_000)
    assert.equal(parseServiceConfig({}).forMethod(say), undefined)
    assert.equal(parseServiceConfig({ methodConfig: [{ timeout: "1s" }] }).forMethod(say), undefined, "no name")
  })

  it("is understood whole", () => {
    const config = parseServiceConfig(
      JSON.stringify({
        loadBalancingConfig: [{ xds: {} }, { round_robin: {} }, { pick_first: {} }],
        methodConfig: [
          {
            name: [{ service: "test.Parrot" }],
            waitForReady: true,
            timeout: "1.25s",
            maxRequestMessageBytes: 10,
            maxResponseMessageBytes: 0,
            retryPolicy: { ...retryPolicy, retryableStatusCodes: ["unavailable", 10, "Aborted"] },
          },
          { name: [{ service: "h" }], hedgingPolicy: { maxAttempts: 2 }, timeout: null, waitForReady: null },
        ],
        retryThrottling: { maxTokens: 10, tokenRatio: 0.5466 },
        healthCheckConfig: { serviceName: "" },
        unknown: { whatever: 1 },
      }),
    )
    const method = config.forMethod(Parrot.methods.say)!
    assert.deepEqual(method, {
      waitForReady: true,
      timeoutMs: 1_250,
      maxRequestMessageBytes: 10,
      maxResponseMessageBytes: 0,
      retryPolicy: {
        maxAttempts: 4,
        initialBackoffMs: 100,
        maxBackoffMs: 1_000,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([14, 10]),
      },
      hedgingPolicy: undefined,
    })
    assert.deepEqual(config.forMethod({ ...Parrot.methods.say, path: "/h/x" })?.hedgingPolicy, {
      maxAttempts: 2,
      hedgingDelayMs: 0,
      nonFatalStatusCodes: new Set(),
    })
    assert.deepEqual(config.balancing, { policy: "round_robin" })
    assert.deepEqual(config.retryThrottling, { maxTokens: 10, tokenRatio: 0.546 })
    assert.equal(config.healthServiceName, "")
  })

  it("names a policy in the new way or the old", () => {
    const policyOf = (json: unknown) => parseServiceConfig(json as ServiceConfigJson).balancing
    assert.equal(policyOf({}), undefined)
    assert.deepEqual(policyOf({ loadBalancingPolicy: "ROUND_ROBIN" }), { policy: "round_robin" })
    assert.deepEqual(policyOf({ loadBalancingPolicy: "pick_first" }), {
      policy: "pick_first",
      shuffleAddressList: false,
    })
    assert.deepEqual(policyOf({ loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }] }), {
      policy: "pick_first",
      shuffleAddressList: true,
    })
    for (const pick_first of [{}, null, { shuffleAddressList: null }]) {
      assert.deepEqual(policyOf({ loadBalancingConfig: [{ pick_first }] }), {
        policy: "pick_first",
        shuffleAddressList: false,
      })
    }
    for (const none of ["", "UNSPECIFIED", null]) assert.equal(policyOf({ loadBalancingPolicy: none }), undefined)
    assert.deepEqual(policyOf({ loadBalancingPolicy: "nonsense", loadBalancingConfig: [{ round_robin: {} }] }), {
      policy: "round_robin",
    })
  })

  it("may go to the limits of what there is", () => {
    const config = parseServiceConfig({
      methodConfig: [
        {
          name: [{}],
          timeout: "315576000000.125000000s",
          maxRequestMessageBytes: 2 ** 32 - 1,
          retryPolicy: { ...retryPolicy, maxAttempts: 2, retryableStatusCodes: [0, 16] },
        },
      ],
      retryThrottling: { maxTokens: 1_000, tokenRatio: 0.001 },
    })
    const method = config.forMethod(Parrot.methods.say)!
    assert.equal(method.timeoutMs, 315_576_000_000_125)
    assert.equal(method.maxRequestMessageBytes, 4_294_967_295)
    assert.deepEqual(method.retryPolicy?.retryableStatusCodes, new Set([0, 16]))
    assert.deepEqual(config.retryThrottling, { maxTokens: 1_000, tokenRatio: 0.001 })
    assert.deepEqual(parseServiceConfig({ retryThrottling: { maxTokens: 1, tokenRatio: 1 } }).retryThrottling, {
      maxTokens: 1,
      tokenRatio: 1,
    })
  })

  it("56. has no more than five attempts, or as many as the channel says", () => {
    const json: ServiceConfigJson = {
      methodConfig: [{ name: [{}], retryPolicy: { ...retryPolicy, maxAttempts: 100 } }],
    }
    const attempts = (maxAttempts?: number): number | undefined =>
      parseServiceConfig(json, { maxAttempts }).forMethod(Parrot.methods.say)?.retryPolicy?.maxAttempts
    assert.equal(attempts(), 5)
    assert.equal(attempts(8), 8)
    assert.equal(parseServiceConfig(json, { retries: false }).forMethod(Parrot.methods.say)?.retryPolicy, undefined)
  })
})

describe("a service config that is wrong", () => {
  const cases: readonly [what: string, json: unknown, ...faults: readonly string[]][] = [
    ["no JSON", "{", "serviceConfig: is no JSON: Expected property name or '}' in JSON at position 1"],
    ["no object", "[]", "serviceConfig: []: must be an object"],
    ["no array", { methodConfig: {} }, "serviceConfig.methodConfig: {}: must be an array"],
    ["no objects", { methodConfig: [1] }, "serviceConfig.methodConfig[0]: 1: must be an object"],
    [
      "a method without a service",
      { methodConfig: [{ name: [{ method: "x" }] }] },
      'serviceConfig.methodConfig[0].name[0].method: "x": must be left out where there is no service',
    ],
    [
      "methods without a service",
      { methodConfig: [{ name: [{ method: "x" }, { method: "y" }, {}] }] },
      'serviceConfig.methodConfig[0].name[0].method: "x": must be left out where there is no service',
      'serviceConfig.methodConfig[0].name[1].method: "y": must be left out where there is no service',
    ],
    [
      "names that are no objects",
      { methodConfig: [{ name: ["a.B", {}] }] },
      'serviceConfig.methodConfig[0].name[0]: "a.B": must be an object',
    ],
    [
      "a name twice",
      { methodConfig: [{ name: [{ service: "s" }] }, { name: [{ service: "s", method: null }] }] },
      'serviceConfig.methodConfig[1].name[0]: {"service":"s","method":null}: is named by another methodConfig already',
    ],
    [
      "no policy that is known",
      { loadBalancingConfig: [{ grpclb: {} }] },
      'serviceConfig.loadBalancingConfig: [{"grpclb":{}}]: must name a policy that is known: pick_first or round_robin',
    ],
    [
      "a policy that is no object",
      { loadBalancingConfig: ["round_robin"] },
      'serviceConfig.loadBalancingConfig[0]: "round_robin": must be an object',
      'serviceConfig.loadBalancingConfig: ["round_robin"]: must name a policy that is known: pick_first or round_robin',
    ],
    [
      "two policies in one",
      { loadBalancingConfig: [{ round_robin: {}, pick_first: {} }, { round_robin: {} }] },
      'serviceConfig.loadBalancingConfig[0]: {"round_robin":{},"pick_first":{}}: must be an object with one key, the policy\'s name',
    ],
    [
      "an unknown policy of old",
      { loadBalancingPolicy: "grpclb" },
      'serviceConfig.loadBalancingPolicy: "grpclb": must be a policy that is known: pick_first or round_robin',
    ],
    [
      "throttling",
      { retryThrottling: { maxTokens: 1_001 } },
      "serviceConfig.retryThrottling.maxTokens: 1001: must be an integer from 1 to 1000",
      "serviceConfig.retryThrottling.tokenRatio: must be there",
    ],
    [
      "health",
      { healthCheckConfig: { serviceName: 1 } },
      "serviceConfig.healthCheckConfig.serviceName: 1: must be a string",
    ],
  ]
  for (const [what, json, ...faults] of cases) {
    it(`says so: ${what}`, () => {
      const found = faultsOf(json)
      if (what === "no JSON") assert.match(found[0]!, /^serviceConfig: is no JSON: /)
      else assert.deepEqual(found, faults)
    })
  }

  const methodCases: readonly [config: unknown, ...faults: readonly string[]][] = [
    [{ timeout: 1.5 }, 'timeout: 1.5: must be a duration, in seconds with an "s" behind: "1.5s"'],
    [{ timeout: "1.5" }, 'timeout: "1.5": must be a duration, in seconds with an "s" behind: "1.5s"'],
    [{ timeout: "1.5sec" }, 'timeout: "1.5sec": must be a duration, in seconds with an "s" behind: "1.5s"'],
    [{ timeout: ["1s"] }, 'timeout: ["1s"]: must be a duration, in seconds with an "s" behind: "1.5s"'],
    [{ timeout: "-1s" }, 'timeout: "-1s": must not be below 0 s'],
    [
      { timeout: "1.0000000001s" },
      'timeout: "1.0000000001s": must be a duration, in seconds with an "s" behind: "1.5s"',
    ],
    [{ waitForReady: "yes" }, 'waitForReady: "yes": must be true or false'],
    [{ maxRequestMessageBytes: -1 }, "maxRequestMessageBytes: -1: must be an integer from 0 to 4294967295"],
    [
      { maxRequestMessageBytes: 2 ** 32 },
      "maxRequestMessageBytes: 4294967296: must be an integer from 0 to 4294967295",
    ],
    [{ waitForReady: "x".repeat(58) }, `waitForReady: "${"x".repeat(58)}": must be true or false`],
    [{ waitForReady: "x".repeat(59) }, `waitForReady: "${"x".repeat(59)}…: must be true or false`],
    [{ maxResponseMessageBytes: 0.5 }, "maxResponseMessageBytes: 0.5: must be an integer from 0 to 4294967295"],
    [
      { retryPolicy: {} },
      "retryPolicy.retryableStatusCodes: must be there",
      "retryPolicy.maxAttempts: must be there",
      "retryPolicy.initialBackoff: must be there",
      "retryPolicy.maxBackoff: must be there",
      "retryPolicy.backoffMultiplier: must be there",
    ],
    [
      { retryPolicy: { ...retryPolicy, maxAttempts: 0 } },
      "retryPolicy.maxAttempts: 0: must be an integer of at least 2",
    ],
    [
      { retryPolicy: { ...retryPolicy, maxAttempts: "3" } },
      'retryPolicy.maxAttempts: "3": must be an integer of at least 2',
    ],
    [{ retryPolicy: { ...retryPolicy, maxBackoff: "0s" } }, 'retryPolicy.maxBackoff: "0s": must be above 0'],
    [
      { retryPolicy: { ...retryPolicy, backoffMultiplier: 0 } },
      "retryPolicy.backoffMultiplier: 0: must be a number above 0",
    ],
    [
      { retryPolicy: { ...retryPolicy, backoffMultiplier: Number.POSITIVE_INFINITY } },
      "retryPolicy.backoffMultiplier: Infinity: must be a number above 0",
    ],
    [
      { retryPolicy: { ...retryPolicy, backoffMultiplier: "2" } },
      'retryPolicy.backoffMultiplier: "2": must be a number above 0',
    ],
    [
      { retryPolicy: { ...retryPolicy, retryableStatusCodes: [] } },
      "retryPolicy.retryableStatusCodes: []: must have at least one status code",
    ],
    [
      { retryPolicy: { ...retryPolicy, retryableStatusCodes: ["NOPE", 17, 1.5, "constructor", 14, -1, true] } },
      'retryPolicy.retryableStatusCodes[0]: "NOPE": must be a status code, by name or number',
      "retryPolicy.retryableStatusCodes[1]: 17: must be a status code, by name or number",
      "retryPolicy.retryableStatusCodes[2]: 1.5: must be a status code, by name or number",
      'retryPolicy.retryableStatusCodes[3]: "constructor": must be a status code, by name or number',
      "retryPolicy.retryableStatusCodes[5]: -1: must be a status code, by name or number",
      "retryPolicy.retryableStatusCodes[6]: true: must be a status code, by name or number",
    ],
    [
      { retryPolicy, hedgingPolicy: { maxAttempts: 2 } },
      'hedgingPolicy: {"maxAttempts":2}: must not be there beside retryPolicy: a call is either retried or hedged',
    ],
    [{ hedgingPolicy: { maxAttempts: 1 } }, "hedgingPolicy.maxAttempts: 1: must be an integer of at least 2"],
    [
      { hedgingPolicy: { maxAttempts: 2, hedgingDelay: "x" } },
      'hedgingPolicy.hedgingDelay: "x": must be a duration, in seconds with an "s" behind: "1.5s"',
    ],
  ]
  for (const [config, ...faults] of methodCases) {
    it(`says so: ${faults[0]}`, () => assert.deepEqual(faultsOfMethod(config), faults))
  }

  it("is refused with a TypeError, or taken, whatever it is", () => {
    const keys = [
      "methodConfig",
      "name",
      "service",
      "method",
      "timeout",
      "waitForReady",
      "retryPolicy",
      "hedgingPolicy",
      "maxAttempts",
      "initialBackoff",
      "retryableStatusCodes",
      "loadBalancingConfig",
      "pick_first",
      "retryThrottling",
      "healthCheckConfig",
      "__proto__",
    ]
    const value = anything({
      key: constantFrom(...keys),
      values: [constantFrom<unknown>("1s", "a.B", "UNAVAILABLE", 0, 3, 1.5, true, null, "", [], {})],
      maxDepth: 6,
      maxKeys: 8,
    })
    property(
      checked(value, (json) => {
        const faults = faultsOf(json)
        for (const fault of faults) assert.match(fault, /^serviceConfig[.[:]/)
        if (faults.length === 0) assert.deepEqual(faultsOf(JSON.stringify(json)), [])
      }),
    )
  })

  it("has its reason, and what brought it about", () => {
    const reason = "FARCALL_BAD_SERVICE_CONFIG"
    assert.throws(() => parseServiceConfig("[]"), { name: "TypeError", reason })
    assert.throws(
      () => parseServiceConfig("{"),
      (error: Error) => {
        assert.equal(reasonOf(error), reason)
        return error.cause instanceof SyntaxError
      },
    )
  })

  it("is not led astray by hostile keys", () => {
    const json = '{"__proto__":{"methodConfig":1},"methodConfig":[{"name":[{"service":"__proto__"}],"timeout":"1s"}]}'
    const config = parseServiceConfig(json)
    assert.equal(config.forMethod({ ...Parrot.methods.say, path: "/__proto__/x" })?.timeoutMs, 1_000)
    assert.equal(config.forMethod(Parrot.methods.say), undefined)
  })
})
