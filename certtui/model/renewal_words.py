"""The calendar and the simulation of renewals in words: for the place, and for the command line."""

from __future__ import annotations

from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.model.renewal_calendar import Bar, DayLoad, Load
    from certtui.model.renewal_forecast import Scenario, Simulation

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOBODY = "no authority"


def day_words(day: datetime) -> str:
    """As `Thu 3 Dec`; in UTC."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def bar_words(bar: Bar) -> str:
    """What a bar stands for: `due now`, a day, a week, a month."""
    if bar.start is None or bar.end is None:
        return "due now"
    if bar.days == 1:
        return day_words(bar.start)
    if bar.filter.count("-") == 1:
        return f"{_MONTHS[bar.start.month - 1]} {bar.start.year}"
    last = bar.end.fromtimestamp(bar.end.timestamp() - 1, bar.end.tzinfo)
    return f"{bar.start.day} {_MONTHS[bar.start.month - 1]} to {last.day} {_MONTHS[last.month - 1]}"


def shares(by: Sequence[tuple[str, int]], most: int = 3) -> str:
    """Authorities with their renewals, the largest first; the small ones counted together."""
    said = [f"{name or NOBODY} {count:,}" for name, count in by[:most]]
    if len(by) > most:
        said.append(f"{len(by) - most} more {sum(count for _, count in by[most:]):,}")
    return ", ".join(said)


def portions(by: Sequence[tuple[str, int]], most: int = 3) -> str:
    """The same in parts of a hundred."""
    total = sum(count for _, count in by)
    said = [f"{name or NOBODY} {_percent(count, total)}" for name, count in by[:most]]
    if len(by) > most:
        said.append(f"others {_percent(sum(count for _, count in by[most:]), total)}")
    return ", ".join(said)


def load_words(load: Load) -> str:
    """One sentence of how much the next days bring, and which is the fullest."""
    days = "day" if load.days == 1 else f"{load.days} days"
    if not load.count:
        return f"Nothing renews in the next {days}."
    peak = "" if load.peak is None else f", most on {day_words(load.peak.day)}: {load.peak.count:,}"
    return f"Next {days}: {load.count:,}, {rate(load.count / load.days)} a day{peak}"


def rate(a_day: float) -> str:
    """Renewals a day: with one digit behind the point, two below one."""
    if a_day >= 100:
        return f"{a_day:,.0f}"
    return f"{a_day:.1f}" if a_day >= 1 or a_day == 0 else f"{a_day:.2f}"


def day_load_words(bar: Bar) -> str:
    """One bar: what it is, how many renewals, whose."""
    load: DayLoad = bar.load
    if not load.count:
        return f"{bar_words(bar)}: none"
    a_day = "" if bar.days == 1 else f", {rate(bar.a_day)} a day"
    return f"{bar_words(bar)}: {load.count:,}{a_day} ({shares(load.by)})"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the simulation: a label, and what it is in each scenario. `bad` where something above 0 needs a person."""

    label: str
    values: tuple[str, ...]
    bad: bool = False


def scenario_names(simulation: Simulation) -> tuple[str, ...]:
    """The heads of the columns."""
    return tuple(f"{one.limit} days" if one.limit else "as it is" for one in simulation.scenarios)


def renewal_lines(simulation: Simulation, most: int = 6) -> list[Line]:
    """Renewals a day, and each authority's share."""
    each = simulation.scenarios
    lines = [
        Line("in force from", tuple(one.since or "-" for one in each)),
        Line("Renewals a day", tuple(rate(one.a_day) for one in each)),
        Line("  on the fullest day", tuple(f"{one.peak:,}" for one in each)),
    ]
    names = list(dict.fromkeys(name for one in reversed(each) for name, _ in one.by))
    lines += [Line(f"  by {name}", tuple(rate(dict(one.by).get(name, 0.0)) for one in each)) for name in names[:most]]
    if len(names) > most:
        rest = tuple(rate(sum(dict(one.by).get(name, 0.0) for name in names[most:])) for one in each)
        lines.append(Line(f"  by {len(names) - most} more", rest))
    return lines


def lack_lines(simulation: Simulation) -> list[Line]:
    """What nothing renews, and what needs a person all the same; lines of nothing but 0 are left out."""
    each = simulation.scenarios

    def line(label: str, field: str, *, bad: bool = True) -> Line:
        return Line(label, tuple(_count(one, field) for one in each), bad)

    lines = [
        line("Nothing renews", "uncovered"),
        line("  don't renew themselves", "by_hand"),
        line("  no authority is known", "no_authority"),
        line("  authority is disabled", "disabled"),
        Line("  by hand, a day", tuple(rate(one.by_hand_a_day) for one in each), bad=True),
        line("A person brings them", "external"),
        Line("  to bring, a day", tuple(rate(one.external_a_day) for one in each), bad=True),
        line("Days don't fit the life", "unfit_days"),
    ]
    return [each for each in lines if any(value not in ("0", "0.0") for value in each.values)]


def verdict(simulation: Simulation) -> str:
    """What it comes to, one or two sentences."""
    first, last = simulation.scenarios[0], simulation.scenarios[-1]
    if not simulation.certificates:
        return "There is no living certificate to simulate with."
    said = ""
    if first.a_day and last.a_day:
        said = f"Under {last.limit} days there are {rate(last.a_day / first.a_day)} times as many renewals as today. "
    if last.uncovered:
        need = "needs" if last.uncovered == 1 else "need"
        by_hand = f", {rate(last.by_hand_a_day)} replacements a day" if last.by_hand else ""
        return f"{said}{last.uncovered:,} of {simulation.certificates:,} {need} a person then{by_hand}."
    return f"{said}All {simulation.certificates:,} are renewed by themselves."


def _count(scenario: Scenario, field: str) -> str:
    return f"{getattr(scenario, field):,}"


def _percent(count: int, total: int) -> str:
    part = 100 * count / total
    return f"{part:.0f} %" if part >= 1 or not part else "<1 %"
