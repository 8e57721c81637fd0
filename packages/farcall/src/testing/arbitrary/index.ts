export { type ArbitraryOptions, arbitraryOf } from "./message.js"
