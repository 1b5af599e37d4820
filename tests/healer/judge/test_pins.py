"""When a pin of packages may merge by itself."""

import pytest

from healer.judge.pins import PinProof

PROVED = PinProof(paths=("requirements.txt",), replays=3, continuity="continues")


def test_a_pin_that_nights_prove_is_in_no_doubt() -> None:
    assert PROVED.doubt == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"objection": "it changes more"}, "it changes more"),
        ({"change": "`a`: no rows"}, "a recorded good night is not as it was: `a`: no rows"),
        ({"replays": 2}, "2 good nights are known to be as they were, and 3 are needed"),
        ({"continuity": "breaks", "why": "`a`: no rows"}, "go on as the good ones: `a`: no rows"),
        ({"continuity": "cannot-tell"}, "no good nights are recorded"),
    ],
)
def test_a_doubt_says_what_is_missing(changes: dict[str, object], words: str) -> None:
    assert words in PROVED.model_copy(update=changes).doubt
