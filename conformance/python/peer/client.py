"""Plays one case against a server of peer.proto and prints what it saw; the same case played from TypeScript prints
the same."""

import json
import time

import grpc
import peer_pb2
import peer_pb2_grpc
from grpc_status import rpc_status
from program import address, call, say

NOTHING = peer_pb2.Nothing()


def fate_of_wait(stub, wanted):
    """Polls until the last call of Wait is in the wanted state on the server: its end there comes a moment later."""
    for _ in range(500):
        state = stub.WhatBecameOfWait(NOTHING).text
        if state == wanted:
            break
        time.sleep(0.01)
    return state


def cancel(stub):
    pending = stub.Wait.future(NOTHING)
    say(f"handler: {fate_of_wait(stub, 'waiting')}")
    pending.cancel()
    say(f"call: {pending.code().name}")
    say(f"handler: {fate_of_wait(stub, 'ended')}")


def deadline(stub):
    left = stub.TellTimeLeft(NOTHING, timeout=10).value
    say(f"time left: {'as sent' if 5_000 < left <= 10_000 else left}")
    pending = stub.Wait.future(NOTHING, timeout=2)
    say(f"handler: {fate_of_wait(stub, 'waiting')}")
    say(f"call: {pending.code().name}")
    say(f"handler: {fate_of_wait(stub, 'ended')}")


def metadata(stub):
    sent = [("x-text", "one"), ("x-text", "two"), ("x-bytes-bin", bytes(range(256))), ("x-bytes-bin", b"")]
    _, ended = stub.ExchangeMetadata.with_call(NOTHING, metadata=sent)
    say(f"headers: {', '.join(value for key, value in ended.initial_metadata() if key == 'x-text')}")
    for key, value in ended.trailing_metadata():
        if key == "x-bytes-bin":
            say(f"trailers: {len(value)} bytes, {value.hex()}")


def large(stub):
    data = bytes(range(256)) * (3 * 4096)
    reply = stub.Reflect(peer_pb2.Blob(data=data))
    say(f"{len(reply.data)} bytes, {'equal' if reply.data == data else 'different'}")


def many(stub):
    calls = [stub.Echo.future(peer_pb2.Text(text=f"call {number}")) for number in range(1000)]
    right = sum(pending.result().text == f"call {number}" for number, pending in enumerate(calls))
    say(f"{right} right answers of {len(calls)}")


def stream(stub):
    values = [number.value for number in stub.Count(peer_pb2.Range(count=10_000))]
    say(f"received {len(values)}, {'in order' if values == list(range(10_000)) else 'out of order'}")
    total = stub.Sum(peer_pb2.Number(value=value) for value in range(10_000))
    say(f"sent {total.count}, sum {total.sum}")


def abort(stub):
    ending = peer_pb2.Ending(code=9, message="Grüße, 100 %:\n„nicht jetzt“ 🐧", detail="why: übermüdet")
    try:
        stub.Abort(ending)
    except grpc.RpcError as error:
        say(f"{error.code().name}: {json.dumps(error.details(), ensure_ascii=False)}")
        for detail in rpc_status.from_call(error).details:
            text = peer_pb2.Text()
            detail.Unpack(text)
            say(f"{detail.type_url}: {text.text}")


CASES = {case.__name__: case for case in (cancel, deadline, metadata, large, many, stream, abort)}

where, name = address(0, "case")
call(where, lambda channel: CASES[name](peer_pb2_grpc.PeerStub(channel)))
