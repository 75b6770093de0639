"""A certificate that nobody has signed but itself."""

import ssl
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def self_signed() -> ssl.SSLContext:
    """What a server needs to speak TLS and to be believed by no client."""
    with tempfile.TemporaryDirectory(prefix="nexy-certificate-") as folder:
        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
            + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    return context
