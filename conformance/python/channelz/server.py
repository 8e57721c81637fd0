"""Serves grpcio-channelz's servicer, a method that answers and one that fails; prints its port."""

import grpc
from grpc_channelz.v1 import channelz
from program import serve


class Methods(grpc.GenericRpcHandler):
    def service(self, handler_call_details):
        def answer(request, context):
            if handler_call_details.method.endswith("/Fail"):
                context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
            return request

        if not handler_call_details.method.startswith("/methods.Methods/"):
            return None
        return grpc.unary_unary_rpc_method_handler(answer)


def add_servicers(server):
    channelz.add_channelz_servicer(server)
    server.add_generic_rpc_handlers((Methods(),))


serve("127.0.0.1:0", add_servicers, str, options=[("grpc.enable_channelz", 1)])
