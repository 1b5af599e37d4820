"""The key is its owner's alone, is made once, and signs the same way ever after."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from healer.support.signature import KEY_BYTES, SIGNATURE_CHARS, KeyFile, Signer


def test_the_key_is_private_and_whole(tmp_path: Path) -> None:
    key = tmp_path / "made" / "key"
    assert len(Signer(KeyFile(key)).sign("a")) == SIGNATURE_CHARS
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert len(key.read_bytes()) == KEY_BYTES
    assert [path.name for path in key.parent.iterdir()] == ["key"]


def test_the_same_key_signs_the_same_and_another_otherwise(tmp_path: Path) -> None:
    signature = Signer(KeyFile(tmp_path / "key")).sign("a")
    assert Signer(KeyFile(tmp_path / "key")).is_signed("a", signature)
    assert not Signer(KeyFile(tmp_path / "key")).is_signed("b", signature)
    assert not Signer(KeyFile(tmp_path / "key")).is_signed("a", "\ud800é")
    assert Signer(KeyFile(tmp_path / "other")).sign("a") != signature


def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    assert not Signer(KeyFile(tmp_path / "key")).is_signed("a", "0" * SIGNATURE_CHARS)
    assert not (tmp_path / "key").exists()


def test_a_key_that_was_cut_off_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"")
    cut = Signer(KeyFile(tmp_path / "key"))
    empty_key_signature = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    assert not cut.is_signed("", empty_key_signature[:SIGNATURE_CHARS])
    assert cut.is_signed("a", cut.sign("a"))


def test_many_that_begin_at_once_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        signatures = set(pool.map(lambda _: Signer(KeyFile(tmp_path / "key")).sign("a"), range(64)))
    assert len(signatures) == 1
