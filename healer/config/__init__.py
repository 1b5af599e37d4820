"""healer.toml: every key with a default that works, every mistake named with its next step."""

from healer.config.kinds import seconds
from healer.config.load import ConfigError, load, parse
from healer.config.settings import Config, Job

__all__ = ["Config", "ConfigError", "Job", "load", "parse", "seconds"]
