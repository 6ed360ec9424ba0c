"""How company names are compared."""

import pytest

from field_ops.customers.masked import masked_name
from field_ops.customers.names import NameParts, full_name_key, split_name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("武汉海明智业电子商务有限公司", ("海明智业电子商务", "武汉", "有限公司")),
        ("海明智业电子商务（武汉）有限公司", ("海明智业电子商务", "武汉", "有限公司")),
        ("海明智业电子商务有限公司深圳分公司", ("海明智业电子商务", "深圳", "有限公司分公司")),
        ("湖北省武汉市江岸区华联超市", ("华联超市", "武汉", "")),
        ("广西壮族自治区南宁市华联超市", ("华联超市", "南宁", "")),
        ("华联超市（中山路店）", ("华联超市中山路", "", "店")),
        ("上海银行股份有限公司", ("银行", "上海", "股份有限公司")),
        ("武汉公司", ("武汉", "", "公司")),
        ("店", ("店", "", "")),
        ("ＫＦＣ 餐厅", ("kfc餐厅", "", "")),
    ],
)
def test_a_name_has_a_core_a_place_and_a_form(name: str, parts: tuple[str, str, str]) -> None:
    assert split_name(name) == NameParts(*parts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("华联超市", " 华 联 超 市 "),
        ("华联超市（中山路店）", "华联超市(中山路店)"),
        ("ABC Trading Co., Ltd.", "ａｂｃ　trading co ltd"),
        ("华联·超市", "华联超市"),
    ],
)
def test_spelling_does_not_make_another_name(one: str, other: str) -> None:
    assert full_name_key(one) == full_name_key(other)


def test_another_branch_is_another_name() -> None:
    assert full_name_key("华联超市（中山路店）") != full_name_key("华联超市（解放路店）")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("武汉华联超市", "武汉***超市"), ("华联超市", "华***"), ("华", "华*"), ("", "*")],
)
def test_an_unseen_name_is_masked_in_the_middle(name: str, shown: str) -> None:
    assert masked_name(name) == shown
