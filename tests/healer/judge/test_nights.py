"""When nights confirm a fix, and what they say where they do not."""

import pytest

from healer.judge.nights import Nights

SINGLED_OUT = Nights(replays=3, continuity="continues", neighbours=9, told_apart=1)


def test_a_fix_that_nights_single_out_is_not_in_doubt() -> None:
    assert SINGLED_OUT.doubt == ""
    assert not SINGLED_OUT.differs


def test_nothing_known_is_a_doubt() -> None:
    assert Nights().doubt == "no good nights are recorded"


@pytest.mark.parametrize(
    ("changes", "words", "differs"),
    [
        ({"change": "`a`: no rows"}, "a recorded good night changes", True),
        ({"continuity": "breaks", "why": "`a`: no rows"}, "does not go on as the good ones", True),
        (
            {"continuity": "cannot-tell", "why": "2 nights are too few"},
            "2 nights are too few",
            False,
        ),
        ({"replays": 2}, "2 good nights could be replayed, and 3 are needed", False),
        ({"rivals": ("x",)}, "another fix goes on as well and does something else: x", False),
        ({"is_cut_short": True}, "not every neighbour", False),
        ({"told_apart": 0}, "none that ends well is told from it", False),
    ],
)
def test_a_doubt_says_what_is_missing(
    changes: dict[str, object], words: str, differs: bool
) -> None:
    nights = SINGLED_OUT.model_copy(update=changes)
    assert words in nights.doubt
    assert nights.differs is differs
