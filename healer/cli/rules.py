"""`healer rules`: what rules mend without a model, and what the policy keeps from merging.

Belongs here: printing it. Does not belong here: what a page says (`healer.app.rule_pages`,
`healer.app.policy_pages`).
"""

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from rich.text import Text

    from healer.app.policy_pages import PatchPage, PolicyPage
    from healer.app.rule_pages import RulePage, ScriptPage


class RuleName(click.ParamType[str]):
    """A rule's name; TAB offers those that begin so."""

    name = "rule"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that begin so, each with its sentence."""
        from healer.app.policy_pages import policy_pages
        from healer.app.rule_pages import rule_pages

        names = [(page.name, page.summary) for page in rule_pages()]
        names += [(page.name, page.summary) for page in policy_pages()]
        return [
            CompletionItem(name, help=summary)
            for name, summary in names
            if name.startswith(incomplete)
        ]


@click.command()
@click.argument("name", type=RuleName(), default="")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="Print all as docs/rules.md has them."
)
def rules(name: str, as_json: bool, as_markdown: bool) -> int:
    """Show the rules that mend and the policy's, or the rule NAME with its examples."""
    from healer.app.policy_pages import PolicyPage, policy_pages
    from healer.app.rule_pages import find_page, rule_pages, write_markdown
    from healer.cli.output import print_json, print_table

    if as_markdown:
        click.echo(write_markdown(), nl=False)
    elif name and as_json:
        print_json(find_page(name))
    elif name:
        page = find_page(name)
        _print_policy(page) if isinstance(page, PolicyPage) else _print_page(page)
    elif as_json:
        print_json([page.model_dump(mode="json") for page in (*rule_pages(), *policy_pages())])
    else:
        rows = [(page.name, page.describe_certainty(), page.summary) for page in rule_pages()]
        print_table(("RULE", "CERTAINTY", "WHAT IS WRONG"), rows, one_line_each=True)
        click.echo()
        rows = [(page.name, page.describe_severity(), page.summary) for page in policy_pages()]
        print_table(("POLICY", "A DRAFT IS", "WHAT IT LOOKS FOR"), rows, one_line_each=True)
    return 0


def _print_page(page: "RulePage") -> None:
    from rich.console import Console
    from rich.text import Text

    from healer.app.rule_pages import describe_rival

    console = Console(highlight=False)
    console.soft_wrap = not console.is_terminal
    console.print(Text(page.name, style="bold"), Text(f"for {', '.join(page.types)}", style="dim"))
    console.print(Text(page.summary))
    console.print(_script_text(page.example))
    console.print(Text("left alone:"))
    console.print(_script_text(page.silent))
    console.print(Text(f"certainty   {page.describe_certainty()}"))
    for rival in page.rivals:
        console.print(Text(f"or else     {describe_rival(rival).replace('`', '')}"))
    console.print(Text(f"why         {page.link}"))


def _print_policy(page: "PolicyPage") -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.soft_wrap = not console.is_terminal
    console.print(Text(page.name, style="bold"), Text(page.describe_severity(), style="dim"))
    for row in page.rows:
        console.print(Text(row.summary))
        console.print(_patch_text(row.refuses))
        console.print(Text("passes:"))
        console.print(_patch_text(row.allows))
        console.print(Text(f"says        {row.reason}"))
        console.print(Text(f"why         {row.link}"))


def _patch_text(patch: "PatchPage") -> "Text":
    from rich.text import Text

    from healer.app.policy_pages import describe_patch

    text = Text(f"\n    {describe_patch(patch)}\n", style="dim")
    for line in patch.text.split("\n"):
        text.append(f"    {line}\n", style={"-": "red", "+": "green"}.get(line[:1], "default"))
    for path in patch.files:
        text.append(f"    beside it: {path}\n", style="dim")
    return text


def _script_text(script: "ScriptPage") -> "Text":
    from rich.text import Text

    styles = {"-": "red", "+": "green"} if script.after is not None else {}
    text = Text("\n")
    for line in script.text.split("\n"):
        text.append(f"    {line}\n", style=styles.get(line[:1], ""))
    for path in script.files:
        text.append(f"    beside it: {path}\n", style="dim")
    for name, value in script.locals.items():
        text.append(f"    recorded: {name} = {value}\n", style="dim")
    return text
