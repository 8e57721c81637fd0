export { type AmbientOptions, ambient, ambientParent, detached, withParent } from "./ambient.js"
