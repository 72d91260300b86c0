"""Thousands of light WebSocket clients in a process of their own.

    python -m benchmarks.listeners PORT [deaf] < paths

Connects to every path, then answers commands on standard input: `wait N` waits until every client has received N
messages and prints when that was; `lost` prints how many connections the server has ended. A deaf client reads nothing.
"""

import json
import select
import socket
import struct
import sys
import time
from collections import Counter

HANDSHAKE = (
    "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
BATCH = 100
PATIENCE_SECONDS = 60.0
TEXT, CLOSE, PING = 0x1, 0x8, 0x9
# An unread connection holds this much and no more.
SMALL_BUFFER = 4096
ENDED = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR


class Connection:
    """One WebSocket: what has come of the next frame, and the number of messages received."""

    def __init__(self, port: int, path: str, *, is_deaf: bool) -> None:
        self.socket = socket.socket()
        if is_deaf:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(HANDSHAKE.format(path).encode())
        self.received = 0
        self._rest = b""

    def finish_handshake(self) -> None:
        """Read the answer, and what may have come with it."""
        self.socket.settimeout(PATIENCE_SECONDS)
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = self.socket.recv(4096)
            if not received:
                raise ConnectionError(answer)
            answer += received
        head, _, self._rest = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head)
        self.socket.setblocking(False)

    def read(self) -> bool:
        """Take what has come; return whether the connection is still there."""
        try:
            received = self.socket.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._rest += received
        return bool(received) and all(self._take(*frame) for frame in self._frames())

    def _take(self, opcode: int, payload: bytes) -> bool:
        if opcode == TEXT:
            self.received += 1
        elif opcode == PING:
            self.socket.send(bytes((0x8A, 0x80 | len(payload))) + bytes(4) + payload)
        return opcode != CLOSE

    def _frames(self) -> list[tuple[int, bytes]]:
        frames, rest = [], self._rest
        while len(rest) >= 2:
            start, length = 2, rest[1]
            if length == 126 and len(rest) >= 4:
                start, length = 4, struct.unpack("!H", rest[2:4])[0]
            if length == 126 or len(rest) < start + length:
                break
            frames.append((rest[0] & 0xF, rest[start : start + length]))
            rest = rest[start + length :]
        self._rest = rest
        return frames


class Listeners:
    """All connections."""

    def __init__(self, port: int, paths: list[str], *, is_deaf: bool) -> None:
        self._poll = select.epoll()
        self._open: dict[int, Connection] = {}
        self._lost = 0
        self._by_received: Counter[int] = Counter()
        for start in range(0, len(paths), BATCH):
            batch = [Connection(port, path, is_deaf=is_deaf) for path in paths[start : start + BATCH]]
            for connection in batch:
                connection.finish_handshake()
                self._open[connection.socket.fileno()] = connection
                self._by_received[connection.received] += 1
                self._poll.register(connection.socket, ENDED if is_deaf else select.EPOLLIN | ENDED)
            self.listen(0)
        self._poll.register(sys.stdin, select.EPOLLIN)

    def obey(self) -> None:
        """Carry out commands until there are no more."""
        while self.listen(None):
            command, _, argument = sys.stdin.readline().strip().partition(" ")
            if not command:
                return
            print(json.dumps(self._wait(int(argument)) if command == "wait" else self._lost), flush=True)

    def listen(self, seconds: float | None) -> bool:
        """Read until a command comes (returning True) or there has been nothing for a time."""
        while ready := self._poll.poll(seconds):
            for number, events in ready:
                if number == sys.stdin.fileno():
                    return True
                self._read(self._open[number], events)
        return False

    def _read(self, connection: Connection, events: int) -> None:
        before = connection.received
        is_there = connection.read() if events & select.EPOLLIN else not events & ENDED
        self._by_received[before] -= 1
        if is_there:
            self._by_received[connection.received] += 1
            return
        self._lost += 1
        del self._open[connection.socket.fileno()]
        self._poll.unregister(connection.socket)
        connection.socket.close()

    def _wait(self, number: int) -> float | None:
        """Return the time (of the monotonic clock) when every client has received so many messages."""
        until = time.monotonic() + PATIENCE_SECONDS
        while any(count for received, count in self._by_received.items() if received < number):
            for ready, events in self._poll.poll(max(until - time.monotonic(), 0)):
                if ready != sys.stdin.fileno():
                    self._read(self._open[ready], events)
            if time.monotonic() >= until:
                return None
        return time.monotonic()


def main() -> None:
    paths = []
    while path := sys.stdin.readline().strip():
        paths.append(path)
    listeners = Listeners(int(sys.argv[1]), paths, is_deaf="deaf" in sys.argv)
    print(json.dumps(len(paths)), flush=True)
    listeners.obey()


if __name__ == "__main__":
    main()
