import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { isSet, messageClass, setEntry, wrapped } from "./message-object.js"

describe("a message whose fields have presence", () => {
  it("has its defaults by its prototype, and what is set by itself", () => {
    const Shape = messageClass<{ $typeName: string; size: number; name: string }>("a.Shape", { size: 5, name: "none" })
    const shape = new Shape()
    assert.deepEqual(Object.keys(shape), ["$typeName"])
    assert.deepEqual([shape.$typeName, shape.size, shape.name], ["a.Shape", 5, "none"])
    assert.equal(isSet(shape, "size"), false)
    shape.size = 5
    assert.equal(isSet(shape, "size"), true)
    assert.equal(new Shape().size, 5)
    assert.equal(isSet(new Shape(), "size"), false)
  })
})

describe("an entry of a map", () => {
  it("is an own property whatever its key, and can be set anew", () => {
    for (const key of ["a", "__proto__", "__proto_x", "constructor", ""]) {
      const map: { [key: string]: number } = {}
      setEntry(map, key, 1)
      setEntry(map, key, 2)
      assert.equal(Object.getPrototypeOf(map), Object.prototype)
      assert.deepEqual(Object.getOwnPropertyDescriptor(map, key), {
        value: 2,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
  })
})

describe("a plain value of a wrapper type", () => {
  it("becomes the message that it stands for", () => {
    assert.deepEqual(wrapped("google.protobuf.Int32Value", 0), { $typeName: "google.protobuf.Int32Value", value: 0 })
    assert.equal(wrapped("google.protobuf.Int32Value", undefined), undefined)
  })
})
