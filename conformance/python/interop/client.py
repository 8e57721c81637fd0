"""gRPC's interoperability client, on grpcio: plays test cases, prints how each went, ends with 1 when one went wrong."""

import sys

import grpc
import test_pb2_grpc
from cases import CASES
from flags import certificate, parse, read_file
from program import say


def connect(flags):
    """A channel to the server that the flags name."""
    where = f"{flags.server_host}:{flags.server_port}"
    # Channels of the same target share their connections otherwise, and channel_soak is about connections.
    options = [("grpc.use_local_subchannel_pool", 1)]
    if not flags.use_tls:
        return grpc.insecure_channel(where, options=options)
    if flags.server_host_override:
        options.append(("grpc.ssl_target_name_override", flags.server_host_override))
    roots = read_file(flags.ca_file) if flags.use_test_ca else None
    return grpc.secure_channel(where, grpc.ssl_channel_credentials(roots), options=options)


def main():
    flags = parse(
        server_host="localhost",
        server_port=8080,
        server_host_override="",
        test_case="",
        use_tls=False,
        use_test_ca=False,
        ca_file=certificate("authority.pem"),
        service_account_key_file="",
        oauth_scope="",
        soak_iterations=10,
        soak_max_failures=0,
        soak_per_iteration_max_acceptable_latency_ms=1000,
        soak_overall_timeout_seconds=10,
        soak_min_time_ms_between_rpcs=0,
        soak_request_size=271828,
        soak_response_size=314159,
    )
    failed = False
    with connect(flags) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        for name in flags.test_case.split(","):
            try:
                CASES[name](stub, channel, flags, connect)
                say(f"{name}: passed")
            except (AssertionError, grpc.RpcError) as error:
                failed = True
                say(f"{name}: failed: {_text(error)}")
    sys.exit(1 if failed else 0)


def _text(error):
    if isinstance(error, grpc.RpcError):
        return f"{error.code().name}: {error.details()}".replace("\n", " ")
    return " ".join(str(error).split())


if __name__ == "__main__":
    main()
