"""Calls each of GRPCDemo's four methods."""

import time

import demo_pb2
import demo_pb2_grpc
from program import address, call, say

CLIENT_ID = 1


def request(text):
    return demo_pb2.Request(client_id=CLIENT_ID, request_data=text)


def simple(stub):
    say("--------------Call SimpleMethod Begin--------------")
    reply = stub.SimpleMethod(request("called by Python client"))
    say(f"resp from server({reply.server_id}), the message={reply.response_data}")
    say("--------------Call SimpleMethod Over---------------")


def client_streaming(stub):
    say("--------------Call ClientStreamingMethod Begin--------------")
    reply = stub.ClientStreamingMethod(request(f"called by Python client, message:{number}") for number in range(5))
    say(f"resp from server({reply.server_id}), the message={reply.response_data}")
    say("--------------Call ClientStreamingMethod Over---------------")


def server_streaming(stub):
    say("--------------Call ServerStreamingMethod Begin--------------")
    for reply in stub.ServerStreamingMethod(request("called by Python client")):
        say(f"recv from server({reply.server_id}), message={reply.response_data}")
    say("--------------Call ServerStreamingMethod Over---------------")


def bidirectional(stub):
    say("--------------Call BidirectionalStreamingMethod Begin---------------")

    def one_a_second():
        for number in range(5):
            if number > 0:
                time.sleep(1)
            yield request(f"called by Python client, message: {number}")

    for reply in stub.BidirectionalStreamingMethod(one_a_second()):
        say(f"recv from server({reply.server_id}), message={reply.response_data}")
    say("--------------Call BidirectionalStreamingMethod Over---------------")


def make_calls(channel):
    stub = demo_pb2_grpc.GRPCDemoStub(channel)
    simple(stub)
    client_streaming(stub)
    server_streaming(stub)
    bidirectional(stub)


(where,) = address(23333)
call(where, make_calls)
