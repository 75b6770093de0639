"""The contract's Python side, compiled from the committed proto whenever a test session starts."""

import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

REPOSITORY = Path(__file__).resolve().parents[2]
PROTO = REPOSITORY / "protos" / "streaming.proto"

# Lives as long as this module: the folder goes away with the interpreter.
_folder = tempfile.TemporaryDirectory(prefix="nexy-contract-")


def _compile() -> None:
    arguments = ["protoc", f"-I{PROTO.parent}", f"--python_out={_folder.name}", f"--grpc_python_out={_folder.name}"]
    if protoc.main([*arguments, PROTO.name]) != 0:
        raise RuntimeError(f"protoc refused protos/{PROTO.name}")
    sys.path.insert(0, _folder.name)


_compile()

import streaming_pb2 as messages  # noqa: E402
import streaming_pb2_grpc as services  # noqa: E402

UNSPECIFIED = messages.REQUEST_PHASE_UNSPECIFIED
COLLECT = messages.REQUEST_PHASE_COLLECT
COMMIT = messages.REQUEST_PHASE_COMMIT

__all__ = ["COLLECT", "COMMIT", "PROTO", "REPOSITORY", "UNSPECIFIED", "messages", "services"]
