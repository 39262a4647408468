"""The client profiles by name: one line each."""

from types import MappingProxyType
from typing import Final

from clientsim.profile_amnesiac import Amnesiac
from clientsim.profile_no_incremental import NoIncremental
from clientsim.profile_spec import Spec
from clientsim.profile_web_core import WebCore
from clientsim.surface import Profile

_ALL: Final[tuple[Profile, ...]] = (Spec(), WebCore(), NoIncremental(), Amnesiac())
PROFILES: Final = MappingProxyType({profile.name: profile for profile in _ALL})


def profile_named(name: str) -> Profile:
    """The profile of this name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}; known: {', '.join(sorted(PROFILES))}")
    return PROFILES[name]
