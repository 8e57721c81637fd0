/** Who the servers know, by which token, and the scope that it is for. */
export const account = {
  access_token: "farcall-interop-token",
  client_email: "interop@farcall.example",
  scope: "https://farcall.example/auth/interop",
} as const
