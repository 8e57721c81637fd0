import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type Chooser, chooseServiceConfig, lookupServiceConfig } from "./dns-service-config.js"

const self: Chooser = { hostname: "here", lot: 49.9 }
const config = (timeout: string): object => ({ methodConfig: [{ name: [{}], timeout }] })

describe("of several choices", () => {
  const cases: readonly [what: string, choice: object, matches: boolean][] = [
    ["no criteria", {}, true],
    ["empty criteria", { clientLanguage: [], clientHostname: [] }, true],
    ["this language", { clientLanguage: ["go", "Node"] }, true],
    ["another language", { clientLanguage: ["go"] }, false],
    ["this host", { clientHostname: ["there", "here"] }, true],
    ["another host", { clientHostname: ["Here"] }, false],
    ["half of the clients", { percentage: 50 }, true],
    ["fewer", { percentage: 49 }, false],
    ["none", { percentage: 0 }, false],
    ["all", { percentage: 100 }, true],
    ["one of two criteria", { percentage: 100, clientLanguage: ["go"] }, false],
  ]
  for (const [what, criteria, matches] of cases) {
    it(`${what}: ${matches ? "it is taken" : "the next one is"}`, () => {
      const first = { ...criteria, serviceConfig: config("1s") }
      const text = JSON.stringify([first, { serviceConfig: config("2s") }])
      assert.deepEqual(chooseServiceConfig(text, self), config(matches ? "1s" : "2s"))
    })
  }

  it("none may be for this client", () => {
    assert.equal(chooseServiceConfig("[]", self), undefined)
    assert.equal(chooseServiceConfig('[{"percentage":0,"serviceConfig":{}}]', self), undefined)
  })

  it("any that is wrong makes all wrong", () => {
    for (const [text, fault] of [
      ["[", /JSON/],
      ["{}", /grpc_config: \{\}: must be an array$/],
      ["null", /grpc_config: must be there$/],
      ["[1]", /grpc_config\[0\]: 1: must be an object/],
      ['[{"serviceConfig":{}},{}]', /grpc_config\[1\]\.serviceConfig: must be there$/],
      ['[{"serviceConfig":[]}]', /grpc_config\[0\]\.serviceConfig: \[\]: must be an object$/],
      [
        '[{"percentage":101,"serviceConfig":{}}]',
        /grpc_config\[0\]\.percentage: 101: must be an integer from 0 to 100$/,
      ],
      ['[{"clientLanguage":"go","serviceConfig":{}}]', /grpc_config\[0\]\.clientLanguage: "go": must be an array$/],
      ['[{"clientHostname":[1],"serviceConfig":{}}]', /grpc_config\[0\]\.clientHostname\[0\]: 1: must be a string$/],
      ['[{"since":1,"serviceConfig":{}}]', /grpc_config\[0\]\.since: 1: is no field of a choice$/],
    ] as const) {
      assert.throws(() => chooseServiceConfig(text, self), fault)
    }
  })
})

describe("what DNS says", () => {
  const found = (records: readonly (readonly string[])[]): ReturnType<typeof lookupServiceConfig> =>
    lookupServiceConfig(
      "greeter.test",
      async (name) => {
        assert.equal(name, "_grpc_config.greeter.test")
        return records
      },
      self,
    )

  it("is the record with gRPC's attribute, its pieces put together", async () => {
    const text = JSON.stringify([{ serviceConfig: config("1s") }])
    const records = [["v=spf1"], ["grpc_con", `fig=${text.slice(0, 20)}`, text.slice(20)]]
    assert.deepEqual(await found(records), config("1s"))
  })

  it("is nothing without one", async () => {
    assert.equal(await found([]), undefined)
    assert.equal(await found([["other=1"]]), undefined)
    const failing = async (): Promise<never> => {
      throw new Error("ENOTFOUND")
    }
    assert.equal(await lookupServiceConfig("greeter.test", failing, self), undefined)
  })

  it("is an error when it is wrong", async () => {
    assert.ok((await found([["grpc_config={"]])) instanceof Error)
  })
})
