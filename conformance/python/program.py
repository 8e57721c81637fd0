"""What the Python peers' mains have in common: flags, a life of a server, and line-wise output."""

import argparse
import asyncio
import os
import signal
import sys
from concurrent import futures
from threading import Event

import grpc

# One port, one server: a second one on it fails instead of sharing it.
_OPTIONS = [("grpc.so_reuseport", 0)]

# The folder of certificates when --certificates names one: then both sides show theirs, over TLS.
_certificates = None


def address(default_port, *more_flags):
    """The flags --host, --port and --certificates; `more_flags` are required ones, whose values follow the address."""
    global _certificates
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=default_port)
    parser.add_argument("--certificates")
    for flag in more_flags:
        parser.add_argument(f"--{flag}", required=True)
    flags = parser.parse_args()
    _certificates = flags.certificates
    return f"{flags.host}:{flags.port}", *(getattr(flags, flag) for flag in more_flags)


def say(text):
    """Prints a line that a reader on a pipe sees at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _stop_event():
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _certificate(name):
    with open(os.path.join(_certificates, name), "rb") as file:
        return file.read()


def _add_port(server, where):
    if _certificates is None:
        return server.add_insecure_port(where)
    pair = (_certificate("server.key.pem"), _certificate("server.pem"))
    return server.add_secure_port(
        where, grpc.ssl_server_credentials([pair], _certificate("authority.pem"), require_client_auth=True)
    )


def _channel(where, options):
    if _certificates is None:
        return grpc.insecure_channel(where, options=options)
    return grpc.secure_channel(
        where,
        grpc.ssl_channel_credentials(
            _certificate("authority.pem"), _certificate("client.key.pem"), _certificate("client.pem")
        ),
        options=options,
    )


def serve(where, add_servicer, greeting, workers=10, options=()):
    """Runs a server until SIGINT or SIGTERM; `greeting` gets the port that it listens on."""
    stop = _stop_event()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=workers), options=[*_OPTIONS, *options])
    add_servicer(server)
    port = _add_port(server, where)
    server.start()
    say(greeting(port))
    stop.wait()
    server.stop(grace=1).wait()


def serve_async(where, add_servicer, greeting):
    """As `serve`, for a servicer of coroutines."""

    async def run():
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        server = grpc.aio.server(options=_OPTIONS)
        add_servicer(server)
        port = _add_port(server, where)
        await server.start()
        say(greeting(port))
        await stop.wait()
        await server.stop(grace=1)

    asyncio.run(run())


def call(where, make_calls, options=()):
    """Runs a client; a call that fails ends the program with code and message on stderr, and exit 1."""
    with _channel(where, list(options)) as channel:
        try:
            make_calls(channel)
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}", file=sys.stderr)
            sys.exit(1)


# A client's output is compared as UTF-8, whatever the machine's locale.
if os.environ.get("PYTHONIOENCODING") is None:
    sys.stdout.reconfigure(encoding="utf-8")
