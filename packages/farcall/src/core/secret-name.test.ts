import assert from "node:assert/strict"
import { test } from "node:test"
import { isSecretName } from "./secret-name.js"

test("names whose values are not for logs", () => {
  for (const name of [
    "authorization",
    "Authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "apikey",
    "x-amz-security-token",
    "x-auth-request-email",
    "x-forwarded-access-token",
    "x-goog-iam-authorization-token",
    "client-secret",
    "x-password",
    "session-id",
    "x-hub-signature-256",
    "x-jwt-assertion",
    "grpc-trace-bin",
    "anything-bin",
  ]) {
    assert.equal(isSecretName(name), true, name)
  }
})

test("names whose values are", () => {
  for (const name of [
    ":authority",
    ":path",
    "content-type",
    "grpc-encoding",
    "grpc-status",
    "grpc-message",
    "grpc-timeout",
    "traceparent",
    "user-agent",
    "x-request-id",
    "x-tenant",
    "te",
  ]) {
    assert.equal(isSecretName(name), false, name)
  }
})
