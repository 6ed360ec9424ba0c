"""What a file is, by its bytes: a table of the honest, the disguised and the hostile."""

import io
import zipfile

import pytest

from field_ops.attachments.actions import named
from field_ops.files.documents import HasMacros, NotADocument, recognised

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
A_PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


def an_archive(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            archive.writestr(zipfile.ZipInfo(part), "x")  # the same bytes at any time of day
    return out.getvalue()


A_DOCX = an_archive("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("raw", "name", "kind", "suffix"),
    [
        (A_PDF, "合同.pdf", "pdf", "pdf"),
        (A_PDF, "合同.exe", "pdf", "pdf"),
        (A_DOCX, "方案.docx", "document", "docx"),
        (A_DOCX, "方案.zip", "document", "docx"),
        (an_archive("[Content_Types].xml", "xl/workbook.xml"), "价格.xlsx", "document", "xlsx"),
        (an_archive("[Content_Types].xml", "ppt/a.xml"), "介绍.pptx", "document", "pptx"),
        (OLE + b"\0" * 600, "旧.xls", "document", "xls"),
        ("价格表\t10 元\n".encode(), "a.txt", "text", "txt"),
        ("价格表".encode("gb18030"), "a.csv", "text", "csv"),
        (b"", "empty.txt", "text", "txt"),
    ],
)
def test_what_is_kept(raw: bytes, name: str, kind: str, suffix: str) -> None:
    found = recognised(raw, name)
    assert (found.kind, found.suffix) == (kind, suffix)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"MZ\x90\0" + b"\0" * 100, "setup.pdf"),
        (b"%PDF-1.7 and no end", "a.pdf"),
        (b"<html><script>alert(1)</script>", "a.html"),
        (b"<svg onload='alert(1)'/>", "a.svg"),
        (an_archive("a.txt"), "a.docx"),
        (A_DOCX[:60], "a.docx"),
        (OLE + b"\0" * 600, "a.msi"),
        (b"\0\1\2", "a.txt"),
        (b"ab\x07c", "a.txt"),
        (b"", ""),
    ],
)
def test_what_is_not(raw: bytes, name: str) -> None:
    with pytest.raises(NotADocument):
        recognised(raw, name)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (an_archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docm"),
        (an_archive("[Content_Types].xml", "xl/a.xml", "xl/VBAPROJECT.BIN"), "a.xlsx"),
        (OLE + "_VBA_PROJECT".encode("utf-16-le") + b"\0" * 600, "a.doc"),
    ],
)
def test_what_would_run_something_is_refused(raw: bytes, name: str) -> None:
    with pytest.raises(HasMacros):
        recognised(raw, name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("合同 终稿.PDF", "合同 终稿.pdf"),
        ("report.pdf.exe", "report.pdf.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\报价.pdf", "报价.pdf"),
        ("a\0b\u202egpj.pdf", "abgpj.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "file.pdf"),
        ("长" * 300 + ".pdf", "长" * 120 + ".pdf"),
    ],
)
def test_the_name_that_it_is_kept_under(typed: str, kept: str) -> None:
    assert named(typed, "pdf") == kept
