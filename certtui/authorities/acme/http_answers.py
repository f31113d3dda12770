"""Answering `http-01` (RFC 8555, 8.3): the tokens of running orders by GET and HEAD, and nothing else.

Nothing of a request is looked at but its first line: a proxy may have written its own Host, and who knows a token may
have its answer.
"""

from __future__ import annotations

import asyncio
import socket

from certtui.authorities.acme.listener import Answers

PATH = "/.well-known/acme-challenge/"
_LONGEST = 8_192
"""Bytes of a request; those of CAs have a few hundred."""


async def serve(connection: socket.socket, answers: Answers) -> None:
    """One question, one answer."""
    loop = asyncio.get_running_loop()
    head = b""
    while b"\r\n\r\n" not in head:
        more = await loop.sock_recv(connection, 2_048)
        if not more:
            return
        head += more
        if len(head) > _LONGEST:
            await loop.sock_sendall(connection, _reply("431 Request Header Fields Too Large"))
            return
    await loop.sock_sendall(connection, _answer(head.partition(b"\r\n")[0], answers))


def _answer(line: bytes, answers: Answers) -> bytes:
    match line.split(b" "):
        case [method, path, b"HTTP/1.0" | b"HTTP/1.1"]:
            pass
        case _:
            return _reply("400 Bad Request")
    if method not in (b"GET", b"HEAD"):
        return _reply("405 Method Not Allowed", "Allow: GET, HEAD\r\n")
    text = path.decode("latin-1")
    found = answers.get(text.removeprefix(PATH)) if text.startswith(PATH) else None
    if not isinstance(found, str):
        return _reply("404 Not Found")
    return _reply("200 OK", body=found, whole=method == b"GET")


def _reply(status: str, more: str = "", *, body: str = "", whole: bool = True) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nConnection: close\r\n{more}\r\n{body if whole else ''}"
    ).encode("ascii")
