"""Reads what a server says of itself by grpcio's reflection client, and compares each file with protoc's descriptor."""

import sys

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_reflection.v1alpha.reflection_pb2 import ExtensionRequest, ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub
from program import call, say

port, descriptor_set = sys.argv[1:]


def symbols(file):
    """The full names of its messages, to any depth, its enums, extensions and services."""

    def nested(messages, scope):
        for message in messages:
            yield scope + message.name
            yield from nested(message.nested_type, f"{scope}{message.name}.")

    scope = f"{file.package}." if file.package else ""
    yield from nested(file.message_type, scope)
    for group in (file.enum_type, file.extension, file.service):
        yield from (scope + each.name for each in group)


def extensions(file):
    """Of all that it defines, those in messages too, what they extend and their numbers."""

    def nested(messages):
        for message in messages:
            yield from message.extension
            yield from nested(message.nested_type)

    for extension in (*file.extension, *nested(file.message_type)):
        yield extension.extendee.lstrip("."), extension.number


def file_of_extension(channel, message, number):
    """By the stub: the database of descriptors does not know how."""
    request = ServerReflectionRequest(
        file_containing_extension=ExtensionRequest(containing_type=message, extension_number=number)
    )
    (response,) = ServerReflectionStub(channel).ServerReflectionInfo(iter([request]))
    return FileDescriptorProto.FromString(response.file_descriptor_response.file_descriptor_proto[0])


def read(channel):
    with open(descriptor_set, "rb") as opened:
        expected = FileDescriptorSet.FromString(opened.read())
    for file in expected.file:
        # A new one each time has nothing at hand, and must ask.
        database = ProtoReflectionDescriptorDatabase(channel)
        wrong = [] if database.FindFileByName(file.name) == file else ["by name"]
        for symbol in symbols(file):
            if ProtoReflectionDescriptorDatabase(channel).FindFileContainingSymbol(symbol) != file:
                wrong.append(symbol)
        for message, number in extensions(file):
            database = ProtoReflectionDescriptorDatabase(channel)
            if number not in database.FindAllExtensionNumbers(message):
                wrong.append(f"no {number} of {message}")
            if file_of_extension(channel, message, number) != file:
                wrong.append(f"{number} of {message}")
        say(f"{file.name}: {', '.join(wrong) or 'equal'}")
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    for service in sorted(database.get_services()):
        methods = pool.FindServiceByName(service).methods
        say(f"{service}: {' '.join(method.name for method in methods)}")


call(f"127.0.0.1:{port}", read)
