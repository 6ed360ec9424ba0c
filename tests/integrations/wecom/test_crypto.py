"""The vendor's published sample values, and our own; for the adapter and for the pretend host.

The own values were produced with fixed random bytes and agree between three implementations.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from field_ops.host.errors import CallbackError, CallbackNotAuthentic
from integrations.wecom.crypto import CallbackCrypto
from integrations.wecom.simulator.envelope import Seal

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "fixtures" / "crypto_vectors.json").read_text()
)
OWN = [vector for vector in VECTORS if "random" in vector]
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
every_own_vector = pytest.mark.parametrize("vector", OWN, ids=lambda v: v["name"])


def crypto_for(vector: dict[str, Any], receive_id: str | None = None) -> CallbackCrypto:
    receive_id = vector["receiveid"] if receive_id is None else receive_id
    return CallbackCrypto(vector["token"], vector["key"], receive_id)


def opened(vector: dict[str, Any], crypto: CallbackCrypto, **changed: str) -> str:
    values = {**vector, **changed}
    return crypto.open(values["signature"], values["timestamp"], values["nonce"], values["encrypt"])


def seal_for(vector: dict[str, Any]) -> Seal:
    return Seal(vector["token"], vector["key"], vector["receiveid"])


@every_vector
def test_the_adapter_opens_a_published_value(vector):
    assert vector["contains"] in opened(vector, crypto_for(vector))


@every_vector
def test_the_pretend_host_signs_and_opens_a_published_value(vector):
    seal = seal_for(vector)
    signature = seal.sign(vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert signature == vector["signature"]
    assert vector["contains"] in seal.decrypt(vector["encrypt"])


@every_own_vector
def test_the_pretend_host_seals_exactly_as_published(vector):
    sealed = seal_for(vector).encrypt(vector["contains"], vector["random"].encode())
    assert sealed == vector["encrypt"]


CHANGES = [
    {"signature": "0" * 40},
    {"signature": ""},
    {"signature": "é"},
    {"timestamp": "1"},
    {"nonce": "1"},
    {"encrypt": "AAAA"},
    {"encrypt": ""},
]


@every_vector
@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_whatever_was_changed_is_not_authentic(vector, changed):
    with pytest.raises(CallbackNotAuthentic):
        opened(vector, crypto_for(vector), **changed)


def test_what_was_sealed_for_another_company_is_not_authentic():
    with pytest.raises(CallbackNotAuthentic):
        opened(VECTORS[0], crypto_for(VECTORS[0], "wwAnotherCompany"))


@pytest.mark.parametrize("sealed", ["", "AAAA", "不是", "!" * 44, "A" * 44, "A" * 64])
def test_something_signed_that_cannot_be_opened_is_one_kind_of_error(sealed):
    vector = OWN[0]
    signature = seal_for(vector).sign("1767225600", "1", sealed)
    with pytest.raises(CallbackError):
        crypto_for(vector).open(signature, "1767225600", "1", sealed)


def test_a_passive_reply_can_be_opened_by_the_host():
    vector = OWN[0]
    reply = crypto_for(vector).seal("<xml>好的</xml>", "1767225600", "42")
    encrypted = reply.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert seal_for(vector).decrypt(encrypted) == "<xml>好的</xml>"
    assert seal_for(vector).sign("1767225600", "42", encrypted) in reply


@pytest.mark.parametrize("key", ["", "short", "x" * 44])
def test_a_malformed_key_is_said_at_once(key):
    with pytest.raises(ValueError, match="43"):
        CallbackCrypto("token", key, "wwSandboxCorp0001")


@pytest.mark.parametrize("changed", ["token", "key", "both"])
def test_while_a_key_is_changed_the_old_one_opens_too(changed):
    vector = OWN[0]
    token = vector["token"] if changed == "key" else "AnotherToken"
    key = vector["key"] if changed == "token" else "z" * 42 + "A"
    older = crypto_for(vector)
    both = CallbackCrypto(token, key, vector["receiveid"], older)
    assert opened(vector, both) == vector["contains"]
    seal = Seal(token, key, vector["receiveid"])
    encrypted = seal.encrypt("新")
    assert both.open(seal.sign("1", "2", encrypted), "1", "2", encrypted) == "新"
    with pytest.raises(CallbackNotAuthentic):
        opened(vector, both, signature="0" * 40)
