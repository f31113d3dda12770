"""Reading a candidate: all of it, also when it grew, and without a buffer of the limit's size for a small file."""

from __future__ import annotations

import os
import threading
import tracemalloc
from pathlib import Path

from certtui import candidates
from certtui.candidates import Candidate, PassedOver

TEXT = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def met(path: Path) -> Candidate:
    (found,) = candidates.walk([path])
    assert isinstance(found, Candidate)
    return found


def test_a_small_file_takes_no_buffer_of_the_limits_size(tmp_path: Path) -> None:
    (tmp_path / "one.pem").write_bytes(TEXT)
    found = met(tmp_path / "one.pem")
    tracemalloc.start()
    try:
        data = candidates.read(found)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert data == TEXT
    assert peak < 64 * 1024


def test_a_file_that_grew_since_it_was_met_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "one.pem"
    file.write_bytes(TEXT)
    found = met(file)
    file.write_bytes(TEXT * 50_000)
    assert candidates.read(found) == TEXT * 50_000


def test_a_file_that_shrank_since_it_was_met_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "one.pem"
    file.write_bytes(TEXT * 2)
    found = met(file)
    file.write_bytes(TEXT)
    assert candidates.read(found) == TEXT


def test_a_file_over_the_limit_is_passed_over_also_when_it_grew(tmp_path: Path) -> None:
    file = tmp_path / "one.pem"
    file.write_bytes(TEXT)
    found = met(file)
    os.truncate(file, candidates.LIMIT + 1)
    data = candidates.read(found)
    assert isinstance(data, PassedOver)
    assert "larger than" in data.reason


def test_a_pipe_that_somebody_names_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(TEXT * 3_000))
    writer.start()
    data = candidates.read(met(pipe))
    writer.join()
    assert data == TEXT * 3_000
