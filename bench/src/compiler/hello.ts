/** The smallest service there is. */
export const HELLO_PROTO = `syntax = "proto3";

package hello;

// Greets.
service Greeter {
  rpc SayHello(HelloRequest) returns (HelloReply);
}

message HelloRequest {
  string name = 1;
}

message HelloReply {
  string message = 1;
}
`
