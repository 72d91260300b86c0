"""Archives: what of them becomes a tree, and what is refused without taking memory or time of the web process."""

import asyncio
import gzip
import io
import os
import resource
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from learning_platform.core.workers import Workers
from learning_platform.snapshots.archives import MEMORY_BYTES, MODULES, read_archive, tree_of_archive
from learning_platform.snapshots.packed_trees import read_packed
from learning_platform.snapshots.rules import KIB, MAX_FILE_BYTES, MAX_FILES, FreezeFailed
from learning_platform.snapshots.trees import Tree

pytestmark = pytest.mark.anyio
MIB = KIB * KIB
Contents = Mapping[str, bytes | str]
LINK, DEVICE, EXECUTABLE = 0o120777, 0o020644, 0o100755


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    """Open the pool that reads archives."""
    opened = Workers(size=1, modules=MODULES, memory_bytes=MEMORY_BYTES)
    yield opened
    await opened.close()


def zipped(contents: Contents, *, modes: Mapping[str, int] | None = None) -> bytes:
    """Return a zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (modes or {}).get(name, 0o100644) << 16
            archive.writestr(info, content)
    return target.getvalue()


def tarred(contents: Contents, *, modes: Mapping[str, int] | None = None) -> bytes:
    """Return a tar of these files; links and devices as their mode says."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in contents.items():
            content = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            mode = (modes or {}).get(name, 0o100644)
            info.mode, info.size = mode & 0o777, len(content)
            if mode == LINK:
                info.type, info.linkname, info.size = tarfile.SYMTYPE, content.decode(), 0
            if mode == DEVICE:
                info.type, info.size = tarfile.CHRTYPE, 0
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def tar_gz(contents: Contents, *, modes: Mapping[str, int] | None = None) -> bytes:
    """Return a .tar.gz of these files."""
    return gzip.compress(tarred(contents, modes=modes), 1)


def read(archive: bytes, folder: Path) -> Tree:
    """Read an archive in this process. Raises FreezeFailed."""
    source, target = folder / "archive", folder / "tree"
    source.write_bytes(archive)
    failure = read_archive(str(source), str(target))
    if failure is not None:
        raise FreezeFailed(*failure)
    return read_packed(target)


def files_of(tree: Tree) -> dict[str, bytes | None]:
    return {entry.path: None if entry.hash is None else tree.blobs[entry.hash] for entry in tree.entries}


def code_of(archive: bytes, folder: Path) -> str:
    with pytest.raises(FreezeFailed) as failed:
        read(archive, folder)
    return failed.value.code


BUILDERS = pytest.mark.parametrize("build", [zipped, tarred, tar_gz])
Build = Callable[..., bytes]


@BUILDERS
def test_files_come_with_their_folders_bits_and_links(build: Build, tmp_path: Path) -> None:
    contents = {"README.md": "# Я", "src/run.sh": "#!/bin/sh\n", "src/now": "../README.md", "empty": b""}
    tree = read(build(contents, modes={"src/run.sh": EXECUTABLE, "src/now": LINK}), tmp_path)
    assert files_of(tree) == {
        "README.md": "# Я".encode(),
        "empty": b"",
        "src/now": b"../README.md",
        "src/run.sh": b"#!/bin/sh\n",
    }
    modes = {entry.path: entry.mode for entry in tree.entries}
    assert modes == {"README.md": "100644", "empty": "100644", "src/now": "120000", "src/run.sh": "100755"}


@BUILDERS
def test_the_only_folder_at_the_top_is_left_out(build: Build, tmp_path: Path) -> None:
    plain = read(build({"main.py": "1", "lib/a.py": "2"}), tmp_path)
    in_a_folder = read(build({"project-main/main.py": "1", "./project-main/lib/a.py": "2"}), tmp_path)
    assert in_a_folder == plain
    assert set(files_of(read(build({"src/a.py": "1", "main.py": "2"}), tmp_path))) == {"src/a.py", "main.py"}
    assert set(files_of(read(build({"only.py": "1"}), tmp_path))) == {"only.py"}


@BUILDERS
def test_what_tools_and_systems_add_is_left_out(build: Build, tmp_path: Path) -> None:
    kept = {"app/main.py": "1", "app/.gitignore": "x"}
    added = {
        "app/.git/config": "secret",
        "app/lib/.GIT/config": "secret",
        "app/.DS_Store": "x",
        "__MACOSX/app/._main.py": "x",
        "app/._main.py": "x",
        "app/node_modules/left-pad/index.js": "x",
        "app/__pycache__/main.pyc": "x",
        "app/Thumbs.db": "x",
    }
    assert set(files_of(read(build(kept | added), tmp_path))) == {"main.py", ".gitignore"}
    assert code_of(build(added), tmp_path) == "empty"


@BUILDERS
@pytest.mark.parametrize(
    "path", ["../outside", "a/../../b", "/etc/passwd", "a\\..\\b", "C:\\x", "a/.git./config", "a\u202etxt", "a\nb"]
)
def test_paths_that_lead_elsewhere_or_deceive_are_refused(build: Build, path: str, tmp_path: Path) -> None:
    assert code_of(build({path: "x", "a.py": "x"}), tmp_path) == "bad_path"
    assert code_of(build({path: "x"}), tmp_path) == "bad_path"


@BUILDERS
@pytest.mark.parametrize("target", ["../outside", "/etc/passwd", "a/../../../b", "..\\b", "sub/../.."])
def test_links_that_lead_out_of_the_tree_are_refused(build: Build, target: str, tmp_path: Path) -> None:
    modes = {"link": LINK, "top/link": LINK}
    assert code_of(build({"link": target, "a.py": "x"}, modes=modes), tmp_path) == "bad_path"
    assert code_of(build({"top/link": target, "top/a.py": "x"}, modes=modes), tmp_path) == "bad_path"


@BUILDERS
def test_twins_are_refused(build: Build, tmp_path: Path) -> None:
    for contents in ({"a.py": "1", "A.py": "2"}, {"a": "1", "a/b": "2"}, {"link": "a.py", "link/x": "1"}):
        assert code_of(build(contents, modes={"link": LINK}), tmp_path) == "bad_path"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_that_lists_a_file_twice_is_refused(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.py", "shown")
        archive.writestr("a.py", "run")
    assert code_of(target.getvalue(), tmp_path) == "bad_path"


@BUILDERS
def test_devices_are_refused(build: Build, tmp_path: Path) -> None:
    assert code_of(build({"tty": b"", "a.py": "x"}, modes={"tty": DEVICE}), tmp_path) == "bad_archive"


def test_a_second_name_of_a_file_in_a_tar_is_a_file(tmp_path: Path) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        first, second = tarfile.TarInfo("a.py"), tarfile.TarInfo("b.py")
        first.size = 1
        second.type, second.linkname = tarfile.LNKTYPE, "a.py"
        archive.addfile(first, io.BytesIO(b"1"))
        archive.addfile(second)
        second.name, second.linkname = "c.py", "/etc/passwd"
    assert files_of(read(target.getvalue(), tmp_path)) == {"a.py": b"1", "b.py": b"1"}


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    archive = bytearray(zipped({"a.py": "secret"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(signature) + offset] |= 1
    assert code_of(bytes(archive), tmp_path) == "encrypted_archive"


def test_names_from_windows_in_russian_are_read(tmp_path: Path) -> None:
    """Older tools write them in a code page, without saying so."""
    archive = zipped({"xxxxx.txt": "1", "yyyyy.txt": "2"})
    for name, written in ((b"xxxxx.txt", "Отчёт.txt".encode("cp866")), (b"yyyyy.txt", "Mühle.txt".encode("cp437"))):
        archive = archive.replace(name, written)
    assert set(files_of(read(archive, tmp_path))) == {"Отчёт.txt", "Mühle.txt"}


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"hello",
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(10),
        b"\x1f\x8bnot gzip",
        gzip.compress(b"not a tar" * 100),
        gzip.compress(tarred({"a": "1" * 5000}))[:-20],
        zipped({"a.py": "1" * 1000})[:-40],
        zipped({"a.py": "1" * 1000})[40:],
        tarred({"a": "1" * 5000})[:2000],
        b"Rar!\x1a\x07\x00" + bytes(100),
        b"7z\xbc\xaf\x27\x1c" + bytes(100),
    ],
    # Some contents have the time in them, so they make no names.
    ids=[
        "nothing",
        "a word",
        "the first bytes of a zip",
        "the end of a zip",
        "the first bytes of gzip",
        "gzip of no tar",
        "gzip cut off",
        "zip without its list",
        "zip without its beginning",
        "tar cut off",
        "rar",
        "7z",
    ],
)
def test_what_is_no_archive_is_refused(archive: bytes, tmp_path: Path) -> None:
    assert code_of(archive, tmp_path) == "bad_archive"


def test_archives_without_files_are_empty(tmp_path: Path) -> None:
    assert code_of(zipped({}), tmp_path) == "empty"
    assert code_of(tarred({}), tmp_path) == "empty"


def test_sizes_that_are_lies_are_refused(tmp_path: Path) -> None:
    """The list of a zip says that a file has other sizes than it has, also with the fields of zip64."""
    archive = zipped({"a.py": "1" * 1000})
    at = archive.index(b"PK\x01\x02")
    for size in (10, 5000, 0xFFFFFFFF):
        lying = archive[: at + 24] + struct.pack("<I", size) + archive[at + 28 :]
        assert code_of(lying, tmp_path) == "bad_archive"
    extra = struct.pack("<HHQ", 1, 8, 2**62)
    end = archive.index(b"PK\x05\x06")
    listed = bytearray(archive[at:end])
    listed[24:28], listed[30:32] = b"\xff" * 4, struct.pack("<H", len(extra))
    rest = bytearray(archive[end:])
    rest[12:16] = struct.pack("<I", len(listed) + len(extra))
    assert code_of(archive[:at] + bytes(listed) + extra + bytes(rest), tmp_path) == "bad_archive"


def test_the_list_of_a_zip_is_not_read_whatever_length_it_claims(tmp_path: Path) -> None:
    archive = zipped({f"{n}": b"" for n in range(60_000)})
    assert code_of(archive, tmp_path) == "too_many_files"


@BUILDERS
def test_too_many_files_are_refused(build: Build, tmp_path: Path) -> None:
    assert code_of(build({f"{n}": b"" for n in range(MAX_FILES + 1)}), tmp_path) == "too_many_files"
    assert len(read(build({f"{n}": b"" for n in range(MAX_FILES)}), tmp_path).entries) == MAX_FILES


@pytest.mark.parametrize("build", [zipped, tar_gz])
def test_a_file_over_the_limit_is_listed_and_not_read(build: Build, tmp_path: Path) -> None:
    tree = read(build({"data.bin": bytes(54 * MIB), "a.py": "1"}), tmp_path)
    assert [(entry.path, entry.kind, entry.size) for entry in tree.entries] == [
        ("a.py", "text", 1),
        ("data.bin", "too_large", 54 * MIB),
    ]


@BUILDERS
def test_zeros_that_are_small_when_packed_are_refused(build: Build, tmp_path: Path) -> None:
    bomb = build({f"{n}": bytes(MAX_FILE_BYTES) for n in range(54)})
    assert code_of(bomb, tmp_path) == "too_large"


def test_a_file_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    assert code_of(gzip.compress(bytes(101 * MIB), 1), tmp_path) == "too_large"


async def test_a_tree_comes_from_the_worker_whole_and_no_file_is_left(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    archive = tmp_path / "archive.zip"
    noise = {f"{n}.bin": bytes([n]) + bytes(range(256)) * 4000 for n in range(19)}
    archive.write_bytes(zipped(noise))
    tree = await tree_of_archive(workers, archive)
    assert files_of(tree) == noise
    assert tree.bytes == sum(map(len, noise.values()))
    archive.write_bytes(zipped({"../a": "", "b": ""}))
    with pytest.raises(FreezeFailed) as failed:
        await tree_of_archive(workers, archive)
    assert (failed.value.code, failed.value.detail) == ("bad_path", "../a")
    assert os.listdir(tmp_path) == ["archive.zip"]


def hostile(kind: str) -> bytes:
    """Return an archive that would take memory or time."""
    if kind == "a million entries":
        entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, *[0] * 7, 1, *[0] * 6) + b"a"
        listed = entry * 650_000
        end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, len(listed), 0, 0)
        return b"PK\x03\x04" + listed + end
    if kind == "a header of 30 MB":
        return _pax_header(30 * MIB)
    return gzip.compress(gzip.compress(bytes(100 * MIB), 1)[:MIB] + bytes(100 * MIB), 1)


def _pax_header(size: int) -> bytes:
    info = tarfile.TarInfo("./PaxHeaders/x")
    info.type, info.size = tarfile.XHDTYPE, size
    return info.tobuf(tarfile.USTAR_FORMAT) + bytes(size)


@pytest.mark.parametrize("kind", ["a million entries", "a header of 30 MB", "gzip of gzip"])
async def test_a_hostile_archive_takes_little_memory(kind: str, workers: Workers, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(hostile(kind))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await tree_of_small(workers, tmp_path)
    (process_id,) = workers.process_ids
    with pytest.raises(FreezeFailed):
        await tree_of_archive(workers, archive)
    if process_id in workers.process_ids:
        assert _peak_kib(process_id) < 200 * KIB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * KIB


async def tree_of_small(workers: Workers, folder: Path) -> None:
    """Have a worker started."""
    small = folder / "small"
    await asyncio.to_thread(small.write_bytes, zipped({"a": "1"}))
    await tree_of_archive(workers, small)


def _peak_kib(process_id: int) -> int:
    """Return the most memory that a process has had."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
