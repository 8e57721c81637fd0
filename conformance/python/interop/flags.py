"""The flags of gRPC's interoperability programs, and the certificates that stand in for theirs."""

import argparse
import os

_CERTIFICATES = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../../packages/farcall/src/test-support/certificates"
)


def certificate(name):
    return os.path.join(_CERTIFICATES, name)


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def parse(**defaults):
    """Reads --x=y and --x y; a boolean may stand without its value."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name, default in defaults.items():
        if isinstance(default, bool):
            parser.add_argument(f"--{name}", nargs="?", const=True, default=default, type=lambda text: text == "true")
        else:
            parser.add_argument(f"--{name}", default=default, type=type(default))
    return parser.parse_args()
