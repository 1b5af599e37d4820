"""The `[model]` section of healer.toml, and which endpoints it comes to.

Belongs here: keys, defaults, and the joining of a tier's own values with those of the section.
Does not belong here: reading the file or the environment (both are passed in).
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from healer.support.token_settings import OptionalVariableName

_OPENAI_URL = "https://api.openai.com/v1"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Address = Annotated[
    str,
    Field(
        pattern=r"^(https?://[^\s/]\S*)?$",
        description="an address that begins with http:// or https://",
        examples=["http://localhost:11434/v1"],
    ),
]
"""Of an endpoint, or empty."""


_HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
_HeaderValue = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$")]


class Tier(_Section):
    """One model and, where they differ from the section's, its endpoint, prices and limits."""

    model: str = Field(min_length=1, examples=["small-model"])
    base_url: Address = ""
    api_key_env: OptionalVariableName = ""
    usd_per_million_in: float | None = Field(default=None, ge=0, le=1_000_000)
    """Price of a million prompt tokens. Without both prices the cost is said to be unknown."""
    usd_per_million_out: float | None = Field(default=None, ge=0, le=1_000_000)
    timeout_s: float | None = Field(default=None, gt=0, le=86_400)
    tries: int = Field(default=2, ge=1, le=1_000)
    """Rejected drafts before the next tier gets its turn."""
    calls_per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    max_prompt_tokens: int | None = Field(default=None, ge=1_000, le=100_000_000)
    """Where the model's context is smaller, or may be used further, than the section's limit."""
    max_output_tokens: int | None = Field(default=None, ge=256, le=100_000_000)
    reasoning_effort: str = Field(default="", examples=["low"])
    """Sent as it is to models that reason; empty leaves it to the endpoint."""
    api_version: str = Field(default="", examples=["2024-10-21"])
    """Of Azure: sent as `api-version`, and the key as `api-key`; empty for all others."""
    headers: Mapping[_HeaderName, _HeaderValue] = Field(
        default={}, examples=[{"HTTP-Referer": "https://…"}]
    )
    """Sent with each call besides the key. Not for secrets: this file is committed."""
    extra_body: Mapping[str, JsonValue] = Field(default={}, examples=[{"top_k": 20}])
    """Added to the body of each call, for what one kind of endpoint understands."""


def _accept_name(value: object) -> object:
    return {"model": value} if isinstance(value, str) else value


AnyTier = Annotated[Tier, BeforeValidator(_accept_name)]
"""A model's name, or a table."""


class ModelSettings(_Section):
    """`[model]`: every key has a default that works; without tiers no model is asked."""

    base_url: Address = ""
    """Any OpenAI-compatible endpoint; empty means OPENAI_BASE_URL, and failing that OpenAI."""
    api_key_env: OptionalVariableName = Field(default="OPENAI_API_KEY")
    """The environment variable that holds the key; endpoints without one need none."""
    tiers: tuple[AnyTier, ...] = Field(default=(), examples=[["small-model", "large-model"]])
    max_attempts: int = Field(default=4, ge=1, le=1_000)
    budget_usd_per_repair: float = Field(default=0.50, ge=0, le=1_000_000)
    budget_usd_per_day: float = Field(default=5.00, ge=0, le=1_000_000)
    budget_tokens_per_repair: int = Field(default=300_000, ge=0, le=10**15)
    """For models whose price nobody knows: money cannot limit them. Prompts and replies."""
    budget_tokens_per_day: int = Field(default=3_000_000, ge=0, le=10**15)
    calls_per_minute: int = Field(default=60, ge=1, le=1_000_000)
    """For each endpoint, over all processes; further calls wait for their turn."""
    candidates: int | None = Field(default=None, ge=1, le=8)
    """Drafts asked for side by side in each attempt. Left out: two, where half of
    `budget_usd_per_repair` pays for two in every attempt at the model's price; else one."""
    second_opinions: int | None = Field(default=None, ge=0, le=4)
    """Where a fix passes every check and nothing says which values are right: so many other models
    of `tiers` and `investigator` draft independently. Set, two that agree, each on the other's
    test, are proof, so their fix merges. Left out: one is asked, while half of the repair's budget
    is left, and what it says is shown to the person who decides: models may share one wrong guess.
    Where only one model is configured it is asked again, with all that it is shown in another
    order; that it agrees with itself proves nothing."""
    timeout_s: float = Field(default=120.0, gt=0, le=86_400)
    max_prompt_tokens: int = Field(default=12_000, ge=1_000, le=100_000_000)
    """Reached only where failing tests execute so much code (`benchmarks/real_bugs`)."""
    max_output_tokens: int = Field(default=4_096, ge=256, le=100_000_000)
    """Reasoning counts too. The worst case that a budget is asked for before each call."""
    share_data: Literal["none", "shape", "head"] = "shape"
    """What a prompt holds of the data that the job read: nothing, names and kinds, or also the
    first lines, redacted."""
    investigator: AnyTier | None = None
    """A model that may look around in the repository, asked when all tiers have failed."""
    reviewer: AnyTier | None = None
    """A second model that reads diff and evidence and can only make the verdict stricter."""
    embedding: AnyTier | None = None
    """A model for `/embeddings`, with which similar failures are found by meaning, too."""

    @property
    def most_opinions(self) -> int:
        """How many other models are asked about a fix of which nothing says that it is right."""
        return 1 if self.second_opinions is None else self.second_opinions

    @property
    def is_agreement_proof(self) -> bool:
        """Whether two models that agree merge by it: only where the owner has said so."""
        return bool(self.second_opinions)

    @property
    def key_names(self) -> tuple[str, ...]:
        """Every environment variable that holds a key: its value is a secret, whatever its name."""
        tiers = (*self.tiers, self.investigator, self.reviewer, self.embedding)
        own = {tier.api_key_env for tier in tiers if tier is not None and tier.api_key_env}
        return (self.api_key_env, *sorted(own))


class Endpoint(_Section):
    """A model that can be called: all values of its tier filled in."""

    name: str
    model: str
    base_url: str
    api_key: str = Field(repr=False)
    api_key_env: str = ""
    """The environment variable that the key came from."""
    usd_per_million_in: float | None = None
    usd_per_million_out: float | None = None
    usd_per_million_cached: float | None = None
    """Of prompt tokens that the endpoint had read before; None: as the others."""
    has_listed_prices: bool = False
    """The prices are the kept table's (`prices`), not the configuration's."""
    timeout_s: float
    tries: int
    max_output_tokens: int
    max_prompt_tokens: int = 12_000
    calls_per_minute: int = 60
    reasoning_effort: str = ""
    api_version: str = ""
    headers: Mapping[_HeaderName, _HeaderValue] = {}
    extra_body: Mapping[str, JsonValue] = {}

    @property
    def prices_known(self) -> bool:
        """True where both prices are configured, or in the kept table."""
        return self.usd_per_million_in is not None and self.usd_per_million_out is not None

    def cost_usd(self, tokens_in: int, tokens_out: int, *, cached_tokens: int = 0) -> float:
        """What so many tokens cost, `cached_tokens` of those in; 0 where prices are unknown."""
        price_in, price_out = self.usd_per_million_in or 0.0, self.usd_per_million_out or 0.0
        price_cached = self.usd_per_million_cached
        cached_tokens = 0 if price_cached is None else min(cached_tokens, tokens_in)
        cost = (tokens_in - cached_tokens) * price_in + tokens_out * price_out
        return (cost + cached_tokens * (price_cached or 0.0)) / 1_000_000


def make_endpoint(tier: Tier, settings: ModelSettings, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint of one tier, with its key from `environment`."""
    base_url = tier.base_url or settings.base_url or environment.get("OPENAI_BASE_URL", "")
    key_name = tier.api_key_env or settings.api_key_env
    return Endpoint(
        name=tier.model,
        model=tier.model,
        base_url=base_url or _OPENAI_URL,
        api_key=environment.get(key_name, "").strip() or "none",
        api_key_env=key_name,
        usd_per_million_in=tier.usd_per_million_in,
        usd_per_million_out=tier.usd_per_million_out,
        timeout_s=tier.timeout_s or settings.timeout_s,
        tries=tier.tries,
        max_output_tokens=tier.max_output_tokens or settings.max_output_tokens,
        max_prompt_tokens=tier.max_prompt_tokens or settings.max_prompt_tokens,
        calls_per_minute=tier.calls_per_minute or settings.calls_per_minute,
        reasoning_effort=tier.reasoning_effort,
        api_version=tier.api_version,
        headers=tier.headers,
        extra_body=tier.extra_body,
    )


def make_endpoints(settings: ModelSettings, environment: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """The tiers' endpoints in order, each model's name once: attempts are counted by it."""
    by_name: dict[str, Endpoint] = {}
    for tier in settings.tiers:
        ready = make_endpoint(tier, settings, environment)
        host = ready.base_url.split("://")[-1].split("/")[0]
        name = ready.model if ready.model not in by_name else f"{ready.model}@{host}"
        by_name.setdefault(name, ready.model_copy(update={"name": name}))
    return tuple(by_name.values())
