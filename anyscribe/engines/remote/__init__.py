"""The remote engine: any OpenAI-compatible server. The only room that speaks HTTP."""

from anyscribe.engines.remote.endpoint import Endpoint
from anyscribe.engines.remote.engine import RemoteEngine

__all__ = ["Endpoint", "RemoteEngine"]
