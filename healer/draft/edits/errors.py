"""The one error of this package."""


class EditRefused(Exception):  # noqa: N818  (it says what happened, to the drafter)
    """An edit does not fit the base commit's text.

    The message is one sentence written for whoever drafted the edit (a model, too): which edit,
    what is wrong with it, and what to write instead.
    """
