// A server of grpc-go with the methods that the workloads call on unary ones. StringValue has the bytes of EchoRequest and
// EchoReply: a string as field 1; greeter.pb.go is protoc-gen-go's, of ../../proto/greeter.proto. Prints the port that it
// listens on.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type echoServer interface {
	Reply(context.Context, *wrapperspb.StringValue) (*wrapperspb.StringValue, error)
}

type echo struct{}

func (echo) Reply(_ context.Context, request *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
	return wrapperspb.String("You said: " + request.Value), nil
}

func reply(server any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	request := new(wrapperspb.StringValue)
	if err := decode(request); err != nil {
		return nil, err
	}
	return server.(echoServer).Reply(ctx, request)
}

type greeterServer interface {
	Greet(context.Context, *GreetRequest) (*GreetReply, error)
}

type greeter struct{}

func (greeter) Greet(_ context.Context, request *GreetRequest) (*GreetReply, error) {
	return &GreetReply{Greeting: request.Greeting}, nil
}

func greet(server any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	request := new(GreetRequest)
	if err := decode(request); err != nil {
		return nil, err
	}
	return server.(greeterServer).Greet(ctx, request)
}

func main() {
	// As every other server here it has one core.
	runtime.GOMAXPROCS(1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "echo.Echo",
		HandlerType: (*echoServer)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Reply", Handler: reply}},
	}, echo{})
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "farcall.bench.Greeter",
		HandlerType: (*greeterServer)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Greet", Handler: greet}},
	}, greeter{})
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
