"""Providers of accounts on the loopback: OpenID Connect and the API of GitHub, as honest or hostile as a test wants."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "learning-platform", "a secret of the client"


class Provider:
    """A provider. `claims` are those of the next ID token; `answers` replace what it would answer at a path."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.claims: dict[str, Any] = {"sub": "248289761001", "preferred_username": "alice"}
        self.user_info: dict[str, Any] = {}
        self.github_user: object = {"id": 583231, "login": "Octo-Cat"}
        self.github_emails: object = [{"email": "octo@example.com", "primary": True, "verified": True}]
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.pause_seconds = 0.0
        self.codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def authorize(self, url: str) -> dict[str, str]:
        """Return the answer that a browser sent to this address comes back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def id_token(self, asked: Mapping[str, str]) -> str:
        """Return the signed ID token for a request."""
        claims = {
            "iss": self.url,
            "aud": asked["client_id"],
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def rotate_keys(self) -> None:
        """Sign with another key from now on."""
        self.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig", "alg": "RS256"})

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, body: Mapping[str, str]) -> tuple[int, object]:
        """Return the status and the document at a path."""
        match path:
            case "/.well-known/openid-configuration":
                ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                return 200, {
                    "issuer": self.url,
                    "jwks_uri": f"{self.url}/jwks",
                    **{f"{name}_endpoint": f"{self.url}/{end}" for name, end in ends.items()},
                }
            case "/jwks":
                return 200, {"keys": [self.key.as_dict(private=False)]}
            case "/token" | "/login/oauth/access_token":
                return self._tokens(path, body)
            case "/userinfo":
                return 200, {"sub": self.claims["sub"], **self.user_info}
            case "/api/v3/user":
                return 200, self.github_user
            case "/api/v3/user/emails":
                return 200, self.github_emails
        return 404, {}

    def _tokens(self, path: str, body: Mapping[str, str]) -> tuple[int, object]:
        asked = self.codes.pop(body.get("code", ""), None)
        digest = hashlib.sha256(body.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_github = path != "/token"
        if asked is None or challenge != asked["code_challenge"] or body["redirect_uri"] != asked["redirect_uri"]:
            # GitHub reports errors with a status of 200.
            return (200, {"error": "bad_verification_code"}) if is_github else (400, {"error": "invalid_grant"})
        tokens = {"access_token": "an access token", "token_type": "bearer"}
        return 200, tokens if is_github else {**tokens, "id_token": self.id_token(asked)}


class UnsignedProvider(Provider):
    """Leaves its ID tokens without a signature."""

    def id_token(self, asked: Mapping[str, str]) -> str:
        """Return an ID token with the algorithm `none`."""
        header, payload, _ = super().id_token(asked).split(".")
        header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"first"}').decode().rstrip("=")
        return f"{header}.{payload}."


class ConfusedProvider(Provider):
    """Signs with its public key as a shared secret."""

    def id_token(self, asked: Mapping[str, str]) -> str:
        """Return an ID token with the algorithm HS256."""
        payload = super().id_token(asked).split(".")[1]
        content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        secret = OctKey.import_key(base64.urlsafe_b64encode(b"the bytes of a public key, 32 or more").decode())
        return jws.serialize_compact({"alg": "HS256", "kid": "first"}, content, secret)


@contextmanager
def running(kind: type[Provider], now: int) -> Iterator[Provider]:
    """Run a provider until the end of the block."""
    provider = kind(now)
    try:
        yield provider
    finally:
        provider.stop()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(text).items()})

        def _answer(self, body: Mapping[str, str]) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            time.sleep(provider.pause_seconds)
            status, document = provider.answer(path, body)
            status, content = provider.answers.get(path, (status, json.dumps(document).encode()))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing."""

    return Handler
