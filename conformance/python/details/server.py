"""Fails every call with all ten standard details of an error; prints its port, then what it is to be read as."""

import grpc
from details import lines, packed
from grpc_status import rpc_status
from program import serve


class Fail(grpc.GenericRpcHandler):
    def service(self, handler_call_details):
        def fail(request, context):
            context.abort_with_status(rpc_status.to_status(packed()))

        return grpc.unary_unary_rpc_method_handler(fail)


def greeting(port):
    return "\n".join([str(port), *lines(packed()), "ready"])


serve("127.0.0.1:0", lambda server: server.add_generic_rpc_handlers((Fail(),)), greeting)
