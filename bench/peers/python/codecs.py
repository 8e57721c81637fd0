"""Measures Python's protobuf (upb) on the messages of the codec workload.

usage: codecs.py DESCRIPTORS INPUTS MILLISECONDS

DESCRIPTORS is a FileDescriptorSet, INPUTS the JSON of base64 values that bench/src/processes/codecs.ts reads. Prints
CPU nanoseconds of one operation, as JSON like that program. The loops are Python's.
"""

import base64
import itertools
import json
import sys
import time

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import api_implementation

MESSAGES = {
    "tiny": "Tiny",
    "demo": "Demo",
    "strings": "Strings",
    "mixed": "Mixed",
    "nested": "Nested",
    "numbers": "Numbers",
    "blob": "Blob",
}


def main():
    descriptors, inputs, milliseconds = sys.argv[1:]
    if api_implementation.Type() != "upb":
        sys.exit(f"this Python's protobuf is {api_implementation.Type()}, not upb")
    pool = descriptor_pool.DescriptorPool()
    with open(descriptors, "rb") as file:
        for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
            pool.Add(proto)
    with open(inputs) as file:
        values = json.load(file)
    times = []
    for shape, encoded in values.items():
        cls = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"farcall.bench.{MESSAGES[shape]}"))
        encoded = [base64.b64decode(text) for text in encoded]
        messages = [cls.FromString(data) for data in encoded]
        for operation, function, arguments in (
            ("encode", cls.SerializeToString, messages),
            ("decode", cls.FromString, encoded),
        ):
            nanoseconds = time_of(function, arguments, float(milliseconds))
            times.append({"shape": shape, "operation": operation, "nanoseconds": nanoseconds})
    print(json.dumps(times))


def time_of(function, arguments, milliseconds):
    rounds = 1
    while True:
        took = cpu_nanoseconds(function, arguments, rounds)
        if took >= milliseconds * 5e5:
            rounds = max(1, round(rounds * milliseconds * 1e6 / took))
            return cpu_nanoseconds(function, arguments, rounds) / (rounds * len(arguments))
        rounds *= 4


def cpu_nanoseconds(function, arguments, rounds):
    begun = time.process_time_ns()
    for _ in itertools.repeat(None, rounds):
        for argument in arguments:
            function(argument)
    return time.process_time_ns() - begun


main()
