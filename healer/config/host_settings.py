"""Which settings act on this machine, and not only in the repository and the sandbox.

Belongs here: the list, with what each lets happen. healer.toml is committed: whoever can commit
could have this machine start a command, build an image, or send a key or a patch somewhere. Does
not belong here: who has trusted what (`healer.app.trust`).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from healer.config.settings import Config
from healer.draft.llm.endpoint.settings import Tier
from healer.support.loopback import LOOPBACK_HOSTS
from healer.support.postgres import mask


class HostSetting(NamedTuple):
    """One setting that is not at its default."""

    key: str
    """As in healer.toml: `mail.smtp`, `job scripts/sync.py`."""
    value: str
    """In one line, without passwords."""
    effect: str
    """What this machine does because of it."""


def list_host_settings(config: Config) -> list[HostSetting]:
    """All of them that are not at their default, in the order of the file."""
    return [
        *_list_general(config),
        *_list_sandbox(config),
        *_list_model(config),
        *_list_forge(config),
        *_list_agent(config),
        *_list_mail(config),
        *_list_decide(config),
        *_list_jobs(config),
    ]


def _list_general(config: Config) -> Iterator[HostSetting]:
    if config.state_env:
        yield HostSetting("state_env", config.state_env, "keeps its state where this variable says")
    elif config.state != "sqlite":
        yield HostSetting("state", mask(config.state), "keeps its state in that database")
    if config.fleet.tenant != type(config.fleet)().tenant:
        effect = "reads and writes that tenant's rows of a shared database"
        yield HostSetting("fleet.tenant", config.fleet.tenant, effect)
    if config.push:
        yield HostSetting("push", str(config.push).lower(), "pushes branches to the remote")
    outside = [log for log in config.watch.logs if log.startswith("/") or ".." in log.split("/")]
    if outside:
        yield HostSetting("watch.logs", _join(outside), "reads these files outside the repository")


def _list_sandbox(config: Config) -> Iterator[HostSetting]:
    sandbox = config.sandbox
    if sandbox.image != "auto":
        effect = "builds, or runs, this image with Docker Engine"
        yield HostSetting("sandbox.image", sandbox.image, effect)
    if sandbox.python:
        yield HostSetting("sandbox.python", sandbox.python, "packs this interpreter")
    if sandbox.runtime:
        yield HostSetting("sandbox.runtime", sandbox.runtime, "runs containers with this runtime")
    if sandbox.include:
        effect = "shows these files to code in the sandbox"
        yield HostSetting("sandbox.include", _join(sandbox.include), effect)


def _list_model(config: Config) -> Iterator[HostSetting]:
    model = config.model
    whole = Tier(model="-", base_url=model.base_url, api_key_env=model.api_key_env)
    others = {"investigator": model.investigator, "reviewer": model.reviewer}
    others["embedding"] = model.embedding
    tiers = {f"model.tiers {tier.model}": tier for tier in model.tiers}
    tiers |= {f"model.{name}": tier for name, tier in others.items() if tier}
    if model.share_data == "head":
        yield HostSetting("model.share_data", "head", "shows models the beginning of data")
    for key, tier in {"model": whole, **tiers}.items():
        if tier.base_url:
            effect = f"sends code there{_say_risk(tier.base_url)}"
            yield HostSetting(f"{key}.base_url", tier.base_url, effect)
        if tier.api_key_env and tier.api_key_env != "OPENAI_API_KEY":
            effect = "sends this variable's value to the endpoint"
            yield HostSetting(f"{key}.api_key_env", tier.api_key_env, effect)
        if tier.headers:
            headers = _join([f"{name}: {value}" for name, value in tier.headers.items()])
            yield HostSetting(f"{key}.headers", headers, "sends these with each call")


def _list_forge(config: Config) -> Iterator[HostSetting]:
    forge = config.forge
    if forge.url:
        yield HostSetting("forge.url", forge.url, f"opens requests there{_say_risk(forge.url)}")
    if forge.project:
        yield HostSetting("forge.project", forge.project, "opens requests in that project")
    if forge.issues:
        yield HostSetting("forge.issues", "true", "opens an issue for what needs a person")
    if forge.token_env != type(forge)().token_env:
        effect = "sends this variable's value to the forge"
        yield HostSetting("forge.token_env", forge.token_env, effect)


def _list_agent(config: Config) -> Iterator[HostSetting]:
    agent = config.agent
    if agent.hub:
        effect = f"brings failures, with their data, there{_say_risk(agent.hub)}"
        yield HostSetting("agent.hub", agent.hub, effect)
    if agent.token_env != type(agent).model_validate({}).token_env:
        effect = "sends this variable's value to the hub"
        yield HostSetting("agent.token_env", agent.token_env, effect)


def _say_risk(url: str) -> str:
    parts = urlsplit(url)
    is_open = parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS
    return ", and the key, readable for everyone on the way" if is_open else ", and the key"


def _list_mail(config: Config) -> Iterator[HostSetting]:
    mail = config.mail
    if mail.smtp:
        yield HostSetting("mail.smtp", mail.smtp, "sends mail by this server, with its password")
        yield HostSetting("mail.to", _join(mail.to), "mails patches and errors to these")
    if mail.channels_env != "HEALER_CHANNELS":
        effect = "tells the channels that this variable names"
        yield HostSetting("mail.channels_env", mail.channels_env, effect)


def _list_decide(config: Config) -> Iterator[HostSetting]:
    decide = config.decide
    if decide.url:
        effect = "mails links there, by which people decide"
        yield HostSetting("decide.url", decide.url, effect)
    if decide.channels:
        yield HostSetting("decide.channels", "true", "gives the channels these links, too")
    if decide.replies:
        yield HostSetting("decide.replies", "true", "takes decisions from answers to its mails")
    if decide.imap:
        effect = "reads this mailbox, with its password"
        yield HostSetting("decide.imap", decide.imap, effect)
    if decide.authserv:
        effect = "believes this mail server's word on who wrote a mail"
        yield HostSetting("decide.authserv", decide.authserv, effect)


def _list_jobs(config: Config) -> Iterator[HostSetting]:
    for job in config.job:
        if job.is_planned and job.started_by == "healer":
            command = " ".join(job.command) or f"python {job.script}"
            yield HostSetting(f"job {job.script}", f"{command} ({job.plan_in_words})", "starts it")


def _join(values: Sequence[str]) -> str:
    return ", ".join(values)
