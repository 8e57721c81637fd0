import { type Feature, features } from "./features.js"
import { observing } from "./observing.js"

/** @throws Error when there is none of that name */
export function findFeature(name: string | undefined): Feature {
  const feature = features.get(name!) ?? observing.get(name!)
  if (feature === undefined) throw new Error(`no feature is called ${JSON.stringify(name)}`)
  return feature
}
