"""The remote engine: any server that speaks ``POST /v1/audio/transcriptions``. The only room that speaks HTTP."""

from anyscribe.engines.api.endpoint import Endpoint
from anyscribe.engines.api.engine import RemoteEngine

__all__ = ["Endpoint", "RemoteEngine"]
