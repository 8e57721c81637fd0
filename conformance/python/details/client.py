"""Calls a server that fails with details, and prints what it reads in them: the port is the one argument."""

import sys

import grpc
from details import METHOD, lines
from grpc_status import rpc_status
from program import say

with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
    try:
        channel.unary_unary(METHOD)(b"", timeout=20)
    except grpc.RpcError as error:
        for line in lines(rpc_status.from_call(error)):
            say(line)
