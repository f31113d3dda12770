"""What renewal comes to when certificates live shorter: the same estate under other lifetimes. Pure rules.

CA/Browser Forum ballot SC-081v3 (Baseline Requirements, 6.3.2): a publicly trusted TLS certificate may live 200 days
from 2026-03-15, 100 from 2027-03-15, 47 from 2029-03-15. It is not known here which CA is a public one: every
certificate is treated as one, and each authority's share is told apart.

An estate that lives under a limit is simulated, not the way there: every certificate renews in its rhythm (its life
less its lead), in the phase in which it stands today.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from certtui.model.renewal import lead
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMITS = ((200, "2026-03-15"), (100, "2027-03-15"), (47, "2029-03-15"))
"""Days that a public TLS certificate may live, and from when on (SC-081v3)."""

WINDOW = 365
"""Days over which the fullest one is looked for."""

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Alike:
    """So many certificates that renewal treats alike."""

    count: int
    life: int
    """Seconds."""
    auto_renew_days: int
    """0 for those that don't renew themselves."""
    day: int = 0
    """When they are due, in days from today; below 0 for those that are."""
    authority: str = ""
    """"" where no authority is known."""
    external: bool = False
    """Its authority gives the certificate to a person, who brings it."""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """The estate under a limit of days, or as it is (`limit` 0)."""

    limit: int
    since: str
    """The day from which the limit holds, "" for the estate as it is."""
    renewed: int
    """Certificates that renew themselves."""
    a_day: float
    """Their renewals a day, in the mean."""
    peak: int
    """Their renewals on the fullest day of a year."""
    by: tuple[tuple[str, float], ...]
    """Renewals a day of each authority, the busiest first."""
    by_hand: int
    """Certificates that don't renew themselves."""
    by_hand_a_day: float
    no_authority: int
    """Would renew themselves, but by whom is not known."""
    disabled: int
    """Would renew themselves, but their authority is disabled."""
    external: int
    """Of those that renew themselves: a person brings each certificate."""
    external_a_day: float
    unfit_days: int
    """Of those that renew themselves: their days don't fit the life, the last third counts instead."""

    @property
    def uncovered(self) -> int:
        """Certificates that nothing renews."""
        return self.by_hand + self.no_authority + self.disabled


@dataclass(frozen=True, slots=True)
class Simulation:
    """The living certificates of an estate, as it is and under each limit."""

    as_of: datetime
    certificates: int
    scenarios: tuple[Scenario, ...]


def simulate(estate: Sequence[Alike], as_of: datetime) -> Simulation:
    """The estate as it is, and under every limit that was agreed on."""
    scenarios = [_scenario(estate, 0, ""), *(_scenario(estate, days, since) for days, since in LIMITS)]
    return Simulation(as_of, sum(each.count for each in estate), tuple(scenarios))


def rhythm(life: int, auto_renew_days: int) -> int:
    """Days from one renewal to the next; at least 1."""
    return max(1, round((life - _lead(life, auto_renew_days)) / _DAY))


def _scenario(estate: Iterable[Alike], limit: int, since: str) -> Scenario:
    renewed = by_hand = no_authority = disabled = external = unfit = 0
    by_hand_a_day = external_a_day = 0.0
    by: dict[str, float] = {}
    phases: dict[tuple[int, int], int] = {}
    for each in estate:
        life = min(each.life, limit * _DAY - 1) if limit else each.life
        if not each.auto_renew_days:
            by_hand += each.count
            by_hand_a_day += each.count * _DAY / max(life, _DAY)
        elif not each.authority:
            no_authority += each.count
        elif not each.enabled:
            disabled += each.count
        else:
            every = rhythm(life, each.auto_renew_days)
            renewed += each.count
            by[each.authority] = by.get(each.authority, 0.0) + each.count / every
            phase = max(each.day, 0) % every
            phases[every, phase] = phases.get((every, phase), 0) + each.count
            if each.external:
                external += each.count
                external_a_day += each.count / every
            if _lead(life, each.auto_renew_days) != each.auto_renew_days * _DAY:
                unfit += each.count
    return Scenario(
        limit=limit,
        since=since,
        renewed=renewed,
        a_day=sum(by.values()),
        peak=_peak(phases),
        by=tuple(sorted(by.items(), key=lambda share: (-share[1], share[0]))),
        by_hand=by_hand,
        by_hand_a_day=by_hand_a_day,
        no_authority=no_authority,
        disabled=disabled,
        external=external,
        external_a_day=external_a_day,
        unfit_days=unfit,
    )


def _peak(phases: dict[tuple[int, int], int]) -> int:
    days = [0] * WINDOW
    for (every, phase), count in phases.items():
        for day in range(phase, WINDOW, every):
            days[day] += count
    return max(days)


_EPOCH = datetime(2000, 1, 1)


def _lead(life: int, days: int) -> float:
    return lead(_EPOCH, _EPOCH + timedelta(seconds=life), days).total_seconds()
