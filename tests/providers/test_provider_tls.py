"""TLS: nothing is sent to whoever cannot prove to be the host that was meant."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.orders import Fate
from providers.clock import Clock
from providers.secrets import Secret
from providers.wire import Lost, Request, Wire

REQUEST = Request("POST", "/api", body=b"{}", bearer=Secret("t0ken"))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
PATIENCE_S = 10.0


def certificate(folder: Path) -> Path:
    """A certificate of this machine's own address that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_a_certificate_that_nobody_vouches_for_gets_no_request(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)

        def serve() -> None:
            plain, _ = server.accept()
            with plain:
                plain.settimeout(PATIENCE_S)
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        heard.append(connection.recv(65536))
                        connection.sendall(ANSWER)
                except (ssl.SSLError, ConnectionError):
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        wire = Wire(f"https://127.0.0.1:{server.getsockname()[1]}", Clock())
        try:
            got = wire.send(REQUEST)
        finally:
            wire.close()
            thread.join()
    assert got == Lost(Fate.NOT_SENT, "ConnectError")
    assert heard == []
