"""An OpenID provider of the tests' own: a real server on loopback, real keys, and every way to go wrong."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

AUDIENCE = "retusche"
DISCOVERY = "/realms/house/.well-known/openid-configuration"
CERTS = "/realms/house/certs"


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key of the session, another one for each number."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public_jwk(algorithm: str, key: Any, **fields: object) -> dict[str, Any]:
    """Return the public half as the provider shows it."""
    jwk = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "use": "sig", **fields}


@dataclass
class Provider:
    """What a test may ask of, and do to, its provider."""

    port: int = 0
    keys: list[dict[str, Any]] = field(default_factory=list)
    discovery: dict[str, Any] = field(default_factory=dict)
    """What differs from a right discovery document."""
    down: bool = False
    """Answers 503."""
    requests: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realms/house"

    def shows(self, *keys: dict[str, Any]) -> None:
        """Show these keys from now on."""
        self.keys = list(keys)

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return what a service that trusts it is configured with."""
        return {"auth": "oidc", "oidc_issuer": self.issuer, "oidc_audience": AUDIENCE, **more}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good token; None takes one away."""
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "user-1",
            "azp": "portal",
            "iat": now,
            "exp": now + 300,
            "scope": "openid steps:run jobs:read",
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def token(
        self, key: Any = None, algorithm: str = "RS256", kid: str | None = "one", **changes: Any
    ) -> str:
        """Return a signed token."""
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(self.claims(**changes), key or rsa_key(), algorithm, headers)

    def _document(self, path: str) -> Any:
        if path == DISCOVERY:
            jwks_uri = f"http://127.0.0.1:{self.port}{CERTS}"
            return {"issuer": self.issuer, "jwks_uri": jwks_uri} | self.discovery
        return {"keys": self.keys}


@contextmanager
def providing() -> Iterator[Provider]:
    """Run a provider that shows one RSA key, named "one"."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.requests.append(self.path)
            known = self.path in (DISCOVERY, CERTS)
            body = json.dumps(provider._document(self.path)).encode()
            self.send_response(503 if provider.down else 200 if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.port = server.server_address[1]
        provider.shows(public_jwk("RS256", rsa_key(), kid="one", alg="RS256"))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
