"""A delivery tells of its mail alone, and what an earlier version wrote is read."""

from typing import Literal

import pytest

from healer.notify.mail import Mail, ServerTrouble, new_delivery
from tests.support.notices import NOON

MAIL = Mail(
    id="m1",
    message_id="<m1@example.com>",
    sender="h@example.com",
    recipients=("a@example.com", "b@example.com"),
    content="hello",
    stored_at=NOON,
    next_try_at=NOON,
)


@pytest.mark.parametrize("state", ["sent", "kept", "failed"])
def test_a_delivery_names_its_mail_and_who_it_is_for(
    state: Literal["sent", "kept", "failed"],
) -> None:
    delivery = new_delivery(MAIL, state, "why")
    assert (delivery.id, delivery.message_id) == (MAIL.id, MAIL.message_id)
    assert (delivery.state, delivery.recipients) == (state, MAIL.recipients)
    assert delivery.problem == "why"


def test_a_mail_of_a_version_without_channels_is_read() -> None:
    text = MAIL.model_dump_json(exclude={"subject", "channel", "problem", "tries"})
    assert Mail.model_validate_json(text) == MAIL


def test_trouble_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        ServerTrouble(since=NOON.replace(tzinfo=None), tries=1, next_try_at=NOON, problem="x")
