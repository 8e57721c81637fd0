export type { Authentication, AuthenticationOptions, Refused } from "./authentication.js"
export { type BearerOptions, bearerAuthentication } from "./bearer.js"
export { type MutualTlsOptions, mutualTlsAuthentication } from "./mutual-tls.js"
