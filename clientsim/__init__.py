"""ClientSim: an A2UI v0.8 client without a screen, the independent judge of a stream.

It shares no code with the package that writes the streams, so that one misreading of the
specification cannot hide in both. Feed it JSONL, edit and press as a user would, and read back
the resolved tree, the data model and a hash of the state.
"""

from clientsim.errors import ERROR_CODES, ClientSimError, SimError
from clientsim.profiles import PROFILES
from clientsim.sim import ClientSim

__all__ = ["ERROR_CODES", "PROFILES", "ClientSim", "ClientSimError", "SimError"]
