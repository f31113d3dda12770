"""The reading child: the same answers as in this process, one sentence for a file at which it dies, nothing left behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from certtui.backend.inspect import SourceFile
from certtui.errors import Interrupted, Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.pki import jobs, wire
from certtui.pki.inspector import Inspector
from certtui.pki.read import read
from tests import hostile
from tests.certs import make_cert, make_chain, make_csr

LEAF, LOWER, ROOT = make_chain()
SECRET = [Secret("secret")]


def test_the_child_gives_what_reading_here_gives() -> None:
    for data in (
        LEAF.pfx(chain=(LOWER, ROOT), name="n"),
        LEAF.pem + LEAF.encrypted_key_pem(),
        make_csr(sans=("a.b",))[0],
    ):
        assert jobs.read_one(SourceFile("f", data), SECRET) == read("f", data, SECRET)


def test_errors_cross_the_pipe_with_their_kind_hint_and_field() -> None:
    with pytest.raises(PasswordNeeded) as caught:
        jobs.read_one(SourceFile("f", LEAF.pfx()), [Secret("guess")])
    assert caught.value.wrong
    with pytest.raises(Invalid) as refused:
        jobs.read_one(SourceFile("f", b"\xfe\xed\xfe\xed" + bytes(10)), ())
    assert "keytool" in refused.value.hint


def test_many_files_are_answered_in_order_and_a_bad_one_stops_nothing() -> None:
    files = [SourceFile(f"{n}", LEAF.der if n % 3 else b"nonsense") for n in range(400)]
    found = list(jobs.read_many(files, ()))
    assert [f.path for f in found] == [f.path for f in files]
    assert [f.material is not None for f in found] == [bool(n % 3) for n in range(400)]
    assert all(f.reason.endswith(".") for f in found if f.material is None)


def test_a_file_that_needs_a_password_says_so_in_a_batch() -> None:
    (found,) = jobs.read_many([SourceFile("f", LEAF.pfx())], ())
    assert (found.material, found.needs_password) == (None, True)


def test_a_bundle_larger_than_a_frame_comes_whole_and_in_order() -> None:
    count = 2 * wire.CERTIFICATES_PER_FRAME + 7
    bundle = LEAF.pem * (count - 1) + LOWER.pem
    before, found, after = jobs.read_many(
        [SourceFile("a", LEAF.der), SourceFile("b", bundle), SourceFile("c", ROOT.der)], ()
    )
    assert found.material is not None
    assert len(found.material.certificates) == count
    assert found.material.certificates[-1] == LOWER.facts
    assert before.material is not None
    assert after.material is not None
    assert after.material.certificates == (ROOT.facts,)


def test_no_files_are_no_results() -> None:
    assert list(jobs.read_many([], ())) == []


class Killer:
    """Stands for a file at which the child dies: kills every child that is sent it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, poison: bytes, how: int = signal.SIGKILL) -> None:
        self.kills = 0
        original = jobs.Child.send

        def send(child: jobs.Child, blobs: list[bytes]) -> bool:
            if poison in blobs:
                self.kills += 1
                child._process.send_signal(how)
                child._process.wait()
            return original(child, blobs)

        monkeypatch.setattr(jobs.Child, "send", send)


def test_a_file_at_which_the_child_dies_gets_one_sentence_and_the_rest_goes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    killer = Killer(monkeypatch, b"poison")
    files = [SourceFile(f"{n}", b"poison" if n == 130 else LEAF.der) for n in range(300)]
    found = list(jobs.read_many(files, ()))
    assert [f.path for f in found] == [f.path for f in files]
    assert [f.path for f in found if f.material is None] == ["130"]
    assert found[130].reason == "The system stopped the reading of the file, probably for lack of memory."
    assert killer.kills == 2


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (signal.SIGXCPU, "more than 60 seconds"),
        (signal.SIGKILL, "lack of memory"),
        (signal.SIGSEGV, "crashed the parser"),
    ],
)
def test_how_the_child_died_is_told(how: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Killer(monkeypatch, b"poison", how)
    with pytest.raises(Invalid, match=words):
        jobs.read_one(SourceFile("f", b"poison"), ())


def test_what_the_files_themselves_raise_comes_after_what_was_read() -> None:
    def files() -> Iterator[SourceFile]:
        yield SourceFile("1", LEAF.der)
        yield SourceFile("2", ROOT.der)
        raise Interrupted("Cancelled.")

    results = jobs.read_many(files(), ())
    found = [next(results).path, next(results).path]
    with pytest.raises(Interrupted):
        next(results)
    assert found == ["1", "2"]


def test_closing_the_iterator_kills_the_child_and_ends_its_threads() -> None:
    def endless() -> Iterator[SourceFile]:
        while True:
            yield SourceFile("f", LEAF.der)

    results = jobs.read_many(endless(), ())
    next(results)
    threads = [t for t in threading.enumerate() if t.name in ("certtui-feeds-reader", "certtui-takes-answers")]
    assert threads
    results.close()
    for thread in threads:
        thread.join(timeout=10)
    assert not any(t.is_alive() for t in threads)


def test_who_goes_on_in_another_thread_keeps_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[jobs.Child] = []
    begin = jobs.Child.__init__

    def counted(self: jobs.Child, *arguments: object) -> None:
        made.append(self)
        begin(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs.Child, "__init__", counted)
    found = jobs.read_many([SourceFile(f"{n}", LEAF.der) for n in range(3000)], ())
    first = threading.Thread(target=lambda: next(found))
    first.start()
    first.join()
    assert len(list(found)) == 2999
    assert len(made) == 1


def test_a_child_ends_with_its_input() -> None:
    child = jobs.Child(())
    child.end_input()
    assert child._process.wait(timeout=10) == 0
    child.close()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waiting for a process that is no child needs Linux")
def test_a_child_is_gone_when_its_parent_was_killed() -> None:
    program = (
        "import sys; from certtui.model.secret import Secret; from certtui.pki import jobs\n"
        "from tests import hostile; from tests.certs import make_cert\n"
        "child = jobs.Child([Secret(p) for p in 'abcdef'])\n"
        "bomb = hostile.pfx_by_hand((make_cert(),), mac_iterations=5_000_000)\n"
        "child.send([bomb]); print(child._process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        handle = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    try:
        gone, _, _ = select.select([handle], [], [], 10)
        assert gone
    finally:
        os.close(handle)


def test_a_child_is_in_a_session_of_its_own_and_knows_no_secret_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CERTTUI_CANARY", "canary")
    child = jobs.Child(())
    try:
        assert os.getsid(child._process.pid) == child._process.pid
        assert not [a for a in child._process.args if b"canary" in os.fsencode(str(a))]
        assert "CERTTUI_CANARY" not in jobs._environment()
    finally:
        child.close()
    assert child._process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "answer",
    [
        b"[]]",
        b'{"a":1}',
        b"[1]",
        b"[[1,2,3]]",
        b'[["ok","pem","",[[],[]],[[99999999]],[],[]]]',
        b'[["ok",1,"",[[],[]],[],[],[]]]',
        b"[" * 100_000,
        b'[["ok","pem","",[[],[]],[[0,1,2,true,true,[],' + b"7," * 13 + b"7]],[],[]]]",
    ],
)
def test_a_child_that_talks_nonsense_is_not_believed(answer: bytes) -> None:
    with pytest.raises(wire.Garbled):
        wire.material_of(wire.rows_of(answer)[0], wire.Octets(b""), "f", ())


def test_the_inspector_reads_small_certificates_here_and_keys_in_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(jobs, "read_one", lambda file, passwords: asked.append(file.path))
    inspector = Inspector()
    inspector.read(SourceFile("certificate", LEAF.pem))
    inspector.read(SourceFile("key", LEAF.key_pem))
    inspector.read(SourceFile("pfx", LEAF.pfx()), SECRET)
    inspector.read(SourceFile("bundle", LEAF.pem * 2000))
    assert asked == ["key", "pfx", "bundle"]


def test_ten_million_iterations_through_the_inspector_are_refused_at_once() -> None:
    with pytest.raises(Invalid, match="10,000,000 rounds"):
        Inspector().read(SourceFile("f", hostile.iteration_bomb_pfx(make_cert())), SECRET)
