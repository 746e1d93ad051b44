"""The remote engine: any OpenAI-compatible server. The only package that makes HTTP requests itself."""

from anyscribe.engines.remote.endpoint import Endpoint
from anyscribe.engines.remote.engine import RemoteEngine
from anyscribe.engines.remote.pace import Pace

__all__ = ["Endpoint", "Pace", "RemoteEngine"]
