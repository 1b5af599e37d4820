from dataclasses import FrozenInstanceError

import pytest

from healer.facts.effects import Effects, FileEffect


def test_effects_are_values_that_nobody_changes():
    file = FileEffect("out/rates.csv", 3, "ab", b"a,b")
    one = Effects(0, b"", (file,), (), (), ())
    assert one == Effects(0, b"", (FileEffect("out/rates.csv", 3, "ab", b"a,b"),), (), (), ())
    with pytest.raises(FrozenInstanceError):
        one.exit_code = 1
