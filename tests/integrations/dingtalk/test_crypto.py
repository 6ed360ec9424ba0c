"""Our reading of DingTalk's cryptography, and the pretend host's, against DingTalk's own values."""

import ast
import base64
from pathlib import Path

import pytest

from field_ops.host.errors import CallbackNotAuthentic, CallbackUnreadable, CredentialsRejected
from integrations.dingtalk.crypto import CallbackCipher, card_sign, robot_sign
from integrations.dingtalk.page_signer import page_signature
from integrations.dingtalk.simulator import seal
from tests.integrations.dingtalk import official_values as official

every_sample = pytest.mark.parametrize("sealed", official.SEALED, ids=lambda s: s.name)
with_prefix = pytest.mark.parametrize(
    "sealed", [s for s in official.SEALED if s.prefix], ids=lambda s: s.name
)


def adapter(sealed, **kw):
    return CallbackCipher(sealed.token, sealed.aes_key, (sealed.owner_key,), **kw)


def simulator(sealed):
    return seal.Envelope(sealed.token, sealed.aes_key, sealed.owner_key)


@every_sample
def test_the_adapter_opens_the_official_samples(sealed):
    opened = adapter(sealed).open(
        sealed.signature, sealed.timestamp, sealed.nonce, sealed.encrypted
    )
    assert opened == (sealed.message, sealed.owner_key)


@with_prefix
def test_the_adapter_seals_to_the_very_same_bytes(sealed):
    cipher = adapter(sealed, random_bytes=lambda _: sealed.prefix)
    assert cipher.seal(sealed.message, sealed.owner_key) == sealed.encrypted


@every_sample
def test_the_simulator_opens_and_signs_the_official_samples(sealed):
    envelope = simulator(sealed)
    assert envelope.unclose(sealed.encrypted) == sealed.message
    signature = envelope.signature(sealed.timestamp, sealed.nonce, sealed.encrypted)
    assert signature == sealed.signature


@with_prefix
def test_the_simulator_seals_to_the_very_same_bytes(sealed):
    assert simulator(sealed).close(sealed.message, sealed.prefix) == sealed.encrypted


@pytest.mark.parametrize("sign", [robot_sign, seal.robot_signature])
def test_robot_messages_are_signed_as_in_the_sample(sign):
    secret, timestamp, expected = official.ROBOT_SIGN
    assert sign(secret, timestamp) == expected


@pytest.mark.parametrize("sign", [card_sign, seal.card_signature])
def test_card_callbacks_are_signed_as_in_the_sample(sign):
    secret, timestamp, expected = official.CARD_SIGN
    assert sign(secret, timestamp) == expected


@pytest.mark.parametrize("url", [official.PAGE_URL, official.PAGE_URL_ENCODED])
def test_a_page_is_signed_over_its_decoded_query(url):
    parts = (official.PAGE_TICKET, official.PAGE_NONCE, official.PAGE_TIMESTAMP, url)
    assert page_signature(*parts) == official.PAGE_SHA256
    assert seal.page_signatures(*parts) == {
        "sha256": official.PAGE_SHA256,
        "sha1": official.PAGE_SHA1,
    }


SAMPLE = official.SEALED[4]


def test_a_wrong_signature_is_refused_before_anything_is_decrypted():
    with pytest.raises(CallbackNotAuthentic):
        adapter(SAMPLE).open("0" * 40, SAMPLE.timestamp, SAMPLE.nonce, "not even base64")


def test_a_signature_that_is_not_ascii_is_only_wrong():
    with pytest.raises(CallbackNotAuthentic):
        adapter(SAMPLE).open("签名", SAMPLE.timestamp, SAMPLE.nonce, SAMPLE.encrypted)


def test_a_message_for_another_app_is_not_authentic():
    cipher = CallbackCipher(SAMPLE.token, SAMPLE.aes_key, ("dinganotherapp",))
    with pytest.raises(CallbackNotAuthentic):
        cipher.open(SAMPLE.signature, SAMPLE.timestamp, SAMPLE.nonce, SAMPLE.encrypted)


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "====",
        "%%%",
        SAMPLE.encrypted[:20],
        base64.b64encode(bytes(17)).decode(),
        base64.b64encode(bytes(16)).decode(),
        base64.b64encode(bytes(64)).decode(),
    ],
    ids=["nothing", "padding", "no base64", "cut", "no block", "one block", "zeroes"],
)
def test_a_signed_text_that_cannot_be_decrypted_is_unreadable(encrypted):
    cipher = adapter(SAMPLE)
    signature = cipher.sign("1", "n", encrypted)
    with pytest.raises(CallbackUnreadable):
        cipher.open(signature, "1", "n", encrypted)


@pytest.mark.parametrize("aes_key", ["", "short", "!" * 43, "钥" * 43])
def test_a_key_that_cannot_be_one_is_a_matter_for_the_settings(aes_key):
    with pytest.raises(CredentialsRejected):
        CallbackCipher("token", aes_key, ("ding",))


def test_the_simulator_shares_no_code_with_the_adapter():
    imports = [
        node
        for file in Path(seal.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
    ]
    modules = {str(node.module) for node in imports if node.level == 0}
    assert not [m for m in modules if m.startswith(("field_ops", "integrations.dingtalk"))]
    assert {node.level for node in imports} == {0, 1}
