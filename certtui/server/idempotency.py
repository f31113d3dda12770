"""The Idempotency-Key: a retry after a dropped connection gets the first answer, and nothing happens twice.

The key is taken in the same transaction as the change (`model.once.Once`), so a server killed in between leaves both or
neither, and two servers on one store can't both win. The answer is written down afterwards; where that was prevented,
it is made again from what the change left. Answers with secrets are never written down.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError, Conflict, Interrupted, Unreachable
from certtui.model.once import Kept, Once
from certtui.server.problems import LostUpdate, Refusal
from certtui.server.route import Reply

if TYPE_CHECKING:
    from certtui.server.port import Answers
    from certtui.server.route import Route

LARGEST_ANSWER = 1 << 20
"""Bytes of an answer that is written down; of a larger one only that it was given."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def once(owner: str, key: str, route: Route, path: str, version: int | None, body: bytes) -> Once:
    """The key with what was asked, to tell a retry from another request under the same key. Raises `Refusal` (400)."""
    asked = f"{route.method} {path} {version}\n".encode()
    return Once(owner, _checked(key), hashlib.sha256(asked + body).hexdigest())


def _checked(key: str) -> str:
    """The key as sent, without the quotes of a structured header. Raises `Refusal` (400)."""
    bare = key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key
    if _KEY.fullmatch(bare) is None:
        raise Refusal(
            400,
            "idempotency-key",
            "A key that can't be one",
            "An Idempotency-Key has 1 to 255 visible ASCII characters.",
            "A random UUID does.",
        )
    return bare


class Repeats:
    """Runs what comes with a key once; safe to call from several threads."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._guard = threading.Lock()
        self._turns: dict[tuple[str, str], _Turn] = {}

    def run(
        self,
        once: Once,
        act: Callable[[Once], Reply],
        again: Callable[[Kept], Reply] | None,
        *,
        secret: bool,
    ) -> tuple[Reply, bool]:
        """The answer, and whether it is a repetition. Raises what the act raises; then the key is free again."""
        with self._turn(once.owner, once.key):
            kept = self._answers.find(once.owner, once.key)
            if kept is None:
                try:
                    reply = act(once)
                except (Conflict, LostUpdate):
                    # Perhaps another server did this very thing in between.
                    kept = None if once.taken else self._answers.find(once.owner, once.key)
                    if kept is None:
                        self._release(once)
                        raise
                except CerttuiError as error:
                    # Whoever could not be reached may be by now, and then what was begun is gone on with.
                    if not isinstance(error, Unreachable | Interrupted):
                        self._release(once)
                    raise
                else:
                    self._keep(once, reply, secret=secret)
                    return reply, False
            return _repeated(kept, once, again, secret=secret), True

    def _release(self, once: Once) -> None:
        """A refused act may have done a part before; a retry must not take that for the whole."""
        if once.taken:
            self._answers.release(once.owner, once.key)

    def _keep(self, once: Once, reply: Reply, *, secret: bool) -> None:
        if not once.taken:
            return  # nothing was changed: asking again does no harm
        body = reply.body
        kept = b"" if body is None else None if secret or len(body) > LARGEST_ANSWER else body
        self._answers.keep(once.owner, once.key, reply.etag, kept)

    @contextmanager
    def _turn(self, owner: str, key: str) -> Iterator[None]:
        """One at a time per key in this process."""
        with self._guard:
            turn = self._turns.setdefault((owner, key), _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._guard:
                turn.waiting -= 1
                if turn.waiting == 0:
                    del self._turns[owner, key]


class _Turn:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0


def _repeated(kept: Kept, once: Once, again: Callable[[Kept], Reply] | None, *, secret: bool) -> Reply:
    if kept.digest != once.digest:
        raise Refusal(
            422,
            "idempotency-key-reused",
            "A key used twice",
            "This Idempotency-Key came with another request before.",
            "Use a new key for every request; the same one only for its retries.",
        )
    if kept.body is not None:
        return Reply(kept.body or None, kept.etag)
    if secret or again is None:
        raise Refusal(
            409,
            "idempotency-answer-not-kept",
            "Done already",
            "This was done by the first request with this Idempotency-Key; "
            + ("its answer held a secret and is not kept." if secret else "its answer is not kept."),
            "See what is there; if the secret did not arrive, revoke it and ask for another with a new key.",
            object_ids=list(kept.object_ids),
        )
    return again(kept)
