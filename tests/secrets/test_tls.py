"""Secrets leave over verified TLS alone, to the host that the account names, whatever the environment says."""

from __future__ import annotations

import io
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.orders import Fate
from flows.arguments import parser
from providers.account_shapes import SHAPES
from providers.clock import Clock
from providers.secrets import Secret
from providers.wire import Answer, Lost, Request, Wire

COMMANDS = ("check", "plan", "approve", "execute", "reconcile", "migrate", "register", "cancel", "restore", "accounts")
TALK = ("verify", "insecure", "tls", "ssl", "cert", "redirect")
OFF = ("SSL_VERIFY", "HTTPX_SSL_VERIFY", "PYTHONHTTPSVERIFY", "CURL_SSL_NO_VERIFY", "SIMFERRY_INSECURE")
ASK = Request("GET", "/", bearer=Secret("a-token-that-must-not-leave"), answer_s_max=5)


@contextmanager
def listening(context: ssl.SSLContext | None, heard: list[str], redirect_to: str = "") -> Iterator[int]:
    """A server that writes down what came in Authorization, and may send on; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            self.send_response(307 if redirect_to else 200)
            self.send_header("Location", redirect_to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key behind it."""
    made = tmp_path_factory.mktemp("tls") / "both.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    made.write_bytes(text + signed.public_bytes(serialization.Encoding.PEM))
    return made


def asked(port: int) -> Answer | Lost:
    wire = Wire(f"https://127.0.0.1:{port}", Clock())
    try:
        return wire.send(ASK)
    finally:
        wire.close()


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("name", ["", *OFF])
def test_a_certificate_that_nobody_vouches_for_is_refused_before_a_token_leaves(
    certificate: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name:
        monkeypatch.setenv(name, "1" if name == "CURL_SSL_NO_VERIFY" or "INSECURE" in name else "0")
    heard: list[str] = []
    with listening(serving(certificate), heard) as port:
        assert asked(port) == Lost(Fate.NOT_SENT, "ConnectError")
    assert heard == []


def test_a_file_of_certificates_leaves_verification_on(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, str(certificate if name.endswith("FILE") else certificate.parent))
    wire = Wire("https://provider.example", Clock())
    try:
        assert wire._verify.verify_mode is ssl.CERT_REQUIRED
        assert wire._verify.check_hostname
    finally:
        wire.close()


def test_at_this_machine_not_even_a_file_of_certificates_counts(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    heard: list[str] = []
    with listening(serving(certificate), heard) as port:
        assert asked(port) == Lost(Fate.NOT_SENT, "ConnectError")
    assert heard == []


def test_a_redirect_to_another_host_takes_no_credentials_along() -> None:
    there: list[str] = []
    here: list[str] = []
    with listening(None, there) as elsewhere, listening(None, here, f"http://localhost:{elsewhere}/") as port:
        wire = Wire(f"http://127.0.0.1:{port}", Clock())
        answer = wire.send(ASK)
        wire.close()
    assert isinstance(answer, Answer)
    assert answer.status == 307
    assert (len(here), there) == (1, [])


def _help(command: str) -> str:
    shown = io.StringIO()
    with redirect_stdout(shown), suppress(SystemExit):
        parser().parse_args([command, "--help"])
    return shown.getvalue()


def test_no_setting_and_no_option_is_about_verification() -> None:
    keys = {key for shape in SHAPES.values() for key in shape.keys}
    helps = "".join(_help(command) for command in COMMANDS)
    options = {word.strip("[],") for word in helps.split() if word.startswith(("--", "[--"))}
    assert "--accounts" in options
    assert [name for name in sorted(keys | options) if any(part in name.lower() for part in TALK)] == []
