// An asynchronous server of gRPC C++ with the methods that the workloads call on unary ones: one completion queue, one
// thread, as every other server here has one core. Prints the port that it listens on.

#include <grpcpp/grpcpp.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include "echo.grpc.pb.h"

namespace {

// One call at a time; when it has been answered, the object takes the next one.
class ReplyCall {
 public:
  ReplyCall(echo::Echo::AsyncService* service, grpc::ServerCompletionQueue* queue) : service_(service), queue_(queue) {
    Listen();
  }

  void Proceed(bool ok) {
    if (state_ == State::kListening) {
      if (!ok) {
        delete this;
        return;
      }
      new ReplyCall(service_, queue_);
      response_.set_message("You said: " + request_.message());
      state_ = State::kAnswered;
      responder_.Finish(response_, grpc::Status::OK, this);
      return;
    }
    delete this;
  }

 private:
  enum class State { kListening, kAnswered };

  void Listen() { service_->RequestReply(&context_, &request_, &responder_, queue_, queue_, this); }

  echo::Echo::AsyncService* service_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  echo::EchoRequest request_;
  echo::EchoReply response_;
  grpc::ServerAsyncResponseWriter<echo::EchoReply> responder_{&context_};
  State state_ = State::kListening;
};

}  // namespace

int main() {
  echo::Echo::AsyncService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "listening on " << port << std::endl;
  for (int waiting = 0; waiting < 400; waiting++) new ReplyCall(&service, queue.get());
  void* call = nullptr;
  bool ok = false;
  while (queue->Next(&call, &ok)) static_cast<ReplyCall*>(call)->Proceed(ok);
  return 0;
}
