"""A host of repositories on the loopback, with TLS: the real git behind a small server, and hosts that misbehave."""

import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from learning_platform.snapshots.git.addresses import AllowedHosts

NAMES = "subjectAltName=DNS:git.test,DNS:*.git.test,DNS:localhost,IP:127.0.0.1"
# What git needs to make commits; nothing of who runs the tests.
WRITER = {
    **{f"GIT_{who}_NAME": "Alice Liddell" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "alice@example.com" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "2029-12-31T12:00:00Z" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "PATH": os.environ["PATH"],
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the host answers instead of what git would, to every request below a path."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    # Between two bytes of the body; without an end if the body is empty.
    pause_seconds: float = 0.0


class GitHost:
    """A host and its repositories. `requests`: the paths that were asked for."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        self.folder = folder
        self.certificate = certificate
        self.requests: list[str] = []
        self.answers: dict[str, Answer] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.host = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.server_address[1])

    @property
    def allowed(self) -> AllowedHosts:
        """Return what lets a fetch reach it, by the names `git.test` and `localhost`."""
        return AllowedHosts.parse(self.setting)

    @property
    def setting(self) -> str:
        """Return the same as a setting."""
        return f"git.test:{self.port},localhost:{self.port},127.0.0.0/8,::1/128"

    def url(self, path: str, *, host: str = "git.test") -> str:
        """Return a link to a path."""
        return f"https://{host}:{self.port}/{path}"

    def repository(self, name: str, files: Mapping[str, bytes | str], *, branch: str = "main") -> str:
        """Make a repository with one commit; return its link."""
        git(self.folder, "init", "--quiet", "--bare", f"--initial-branch={branch}", f"{name}.git")
        bare = self.folder / f"{name}.git"
        for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            git(bare, "config", setting, "true")
        self.commit(name, files, branch=branch)
        return self.url(f"{name}.git")

    def commit(self, name: str, files: Mapping[str, bytes | str], *, branch: str = "main", date: str = "") -> str:
        """Replace what a branch holds by one new commit of these files; return it."""
        bare = self.folder / f"{name}.git"
        dated = {f"GIT_{who}_DATE": date for who in ("AUTHOR", "COMMITTER") if date}
        index = {"GIT_INDEX_FILE": str(bare / "index-of-test"), **dated}
        git(bare, "read-tree", "--empty", environment=index)
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            blob = git(bare, "hash-object", "-w", "--stdin", stdin=data)
            git(bare, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", environment=index)
        commit = git(bare, "commit-tree", git(bare, "write-tree", environment=index), "-m", "Work", environment=index)
        git(bare, "update-ref", f"refs/heads/{branch}", commit)
        return commit

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.is_stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def git(folder: Path, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
    """Run git as a person would, with a fixed author and date; return what it says."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=stdin,
        env={**WRITER, **(environment or {})},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for the names of the hosts of the tests."""
    path = tmp_path_factory.mktemp("certificate") / "host.pem"
    make_certificate(path)
    return path


def make_certificate(path: Path) -> None:
    """Write a certificate for the names of the hosts of the tests, and its key beside it."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "7", "-subj", "/CN=git.test", "-addext", NAMES),
            *("-keyout", str(path.with_suffix(".key")), "-out", str(path)),
        ],
        capture_output=True,
        check=True,
    )


@pytest.fixture
def git_host(tmp_path: Path, certificate: Path) -> Iterator[GitHost]:
    """Run a host of repositories for one test."""
    with running_host(tmp_path / "repositories", certificate) as host:
        yield host


@contextmanager
def running_host(folder: Path, certificate: Path) -> Iterator[GitHost]:
    """Run a host of repositories for a block."""
    folder.mkdir(exist_ok=True)
    host = GitHost(folder, certificate)
    host.start()
    try:
        yield host
    finally:
        host.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    host: GitHost

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # Address and handler, as they are given.
        self.is_stopping = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away: many tests make them."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: object) -> None:
        """Write nothing."""

    def _answer(self) -> None:
        self.close_connection = True
        self.server.host.requests.append(self.path)
        answer = next((a for path, a in self.server.host.answers.items() if self.path.startswith(path)), None)
        with suppress(OSError):
            if answer is None:
                self._answer_by_git()
            else:
                self._answer_with(answer)

    def _answer_with(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        if answer.pause_seconds:
            headers["Content-Length"] = "1000000"
        for name, value in headers.items():
            # A redirect leads to the same page of another repository.
            rest = self.path.partition("/info/refs")
            self.send_header(name, value.replace("{rest}", rest[1] + rest[2]))
        self.end_headers()
        if answer.pause_seconds:
            self._drip(answer)
        self.wfile.write(answer.body)

    def _drip(self, answer: Answer) -> None:
        for byte in answer.body or b"0" * 1_000_000:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.is_stopping.wait(answer.pause_seconds):
                return

    def _answer_by_git(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        environment = {
            "GIT_PROJECT_ROOT": str(self.server.host.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": address.path,
            "QUERY_STRING": address.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH": os.environ["PATH"],
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def wait_until(happened: threading.Event, seconds: float = 30.0) -> None:
    """Wait for something in another thread; fail if it does not happen."""
    began = time.monotonic()
    assert happened.wait(seconds), f"nothing happened in {time.monotonic() - began:.0f} s"
