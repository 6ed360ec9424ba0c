"""What `waiqin restore` takes out of an archive, and what it does not."""

import io
import tarfile
from pathlib import Path

import pytest

from field_ops.cli.keeping import unpack


def an_archive(file: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for member in members:
            member.size = 3 if member.isfile() else 0
            archive.addfile(member, io.BytesIO(b"abc"))
    return file


def a_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def test_files_and_folders_come_out_for_their_owner_alone(tmp_path: Path) -> None:
    members = a_member("files", tarfile.DIRTYPE), a_member("files/1/photo"), a_member("secret_key")
    archive = an_archive(tmp_path / "kept.tar.gz", *members)
    assert unpack(archive, tmp_path / "there")
    assert (tmp_path / "there/files/1/photo").read_bytes() == b"abc"
    assert (tmp_path / "there/secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "member",
    [
        a_member("../outside"),
        a_member("/nowhere/outside"),
        a_member("files/link", tarfile.SYMTYPE, "/etc"),
        a_member("files/link", tarfile.LNKTYPE, "../outside"),
        a_member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda member: f"{member.name} {member.type.decode()}",
)
def test_what_leads_out_of_the_folder_does_not(tmp_path: Path, member: tarfile.TarInfo) -> None:
    assert not unpack(an_archive(tmp_path / "bad.tar.gz", member), tmp_path / "there")
    assert [path.name for path in tmp_path.rglob("*")] == ["bad.tar.gz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not an archive" * 100])
def test_what_is_no_archive_is_no_backup(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert not unpack(tmp_path / "file", tmp_path / "there")


def test_an_archive_that_was_cut_is_no_backup(tmp_path: Path) -> None:
    archive = an_archive(tmp_path / "kept.tar.gz", *(a_member(f"files/{n}") for n in range(200)))
    archive.write_bytes(archive.read_bytes()[:-100])
    assert not unpack(archive, tmp_path / "there")
