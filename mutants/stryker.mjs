import { Stryker } from "@stryker-mutator/core"

/** Runs Stryker with these options; a module of its own, since only this folder's packages hold Stryker. */
export function runStryker(options) {
  return new Stryker(options).runMutationTest()
}
