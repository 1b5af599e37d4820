"""In which form one model is asked for its edits: learnt from what applied.

Belongs here: when another form is tried, and when the first is tried again; pure. Does not belong
here: what each form looks like (`prompts.forms`), reading them (`replies`), and where this is kept
(`dialect_memory`, with all else that is known of the model).
"""

from dataclasses import dataclass, replace

from healer.draft.llm.replies.schema import FORMS, EditForm

MOST_MISSES = 2
"""So many replies in a row that do not apply, or are in another form, and another is asked for."""
CLIMB = 10
"""So many that apply, and the first form is tried again: one that does not apply ends that."""


@dataclass(frozen=True)
class EditHabit:
    """What a model's replies have taught."""

    form: EditForm = "json"
    """Which it is asked for."""
    good_form: EditForm | None = None
    """The one in which it wrote what applied last; None where that is not known, or over."""
    misses: int = 0
    """Replies in a row, asked for in `form`, that did not apply in it."""
    hits: int = 0
    """Those in a row that did, where `form` is not the first."""

    def choose_retry(self, question: EditForm, *, is_readable: bool) -> EditForm:
        """For the second question after a reply that could not be used: another form where what
        came was in none, the same one where only a quotation was wrong."""
        if is_readable or self.form != question:
            return self.form
        return self._choose_other(question)

    def after_hit(self, question: EditForm, reply: EditForm) -> "EditHabit":
        """After edits that apply, whichever form they were asked for in."""
        habit = replace(self, good_form=reply)
        if question != self.form:
            return habit
        if reply != question:
            return habit._count_miss()
        if question == FORMS[0]:
            return replace(habit, misses=0)
        if self.hits + 1 < CLIMB:
            return replace(habit, misses=0, hits=self.hits + 1)
        return replace(habit, form=FORMS[0], misses=MOST_MISSES - 1, hits=0)

    def after_miss(self, question: EditForm) -> "EditHabit":
        """After edits that cannot be read, or do not apply."""
        return self._count_miss() if question == self.form else self

    def _count_miss(self) -> "EditHabit":
        if self.misses + 1 < MOST_MISSES:
            return replace(self, misses=self.misses + 1, hits=0)
        form = self._choose_other(self.form)
        return EditHabit(form, good_form=None if form == self.good_form else self.good_form)

    def _choose_other(self, form: EditForm) -> EditForm:
        return self.good_form if self.good_form not in (None, form) else _next_of(form)


def _next_of(form: EditForm) -> EditForm:
    return FORMS[(FORMS.index(form) + 1) % len(FORMS)]
