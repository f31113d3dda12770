"""What PostgreSQL and its driver say, turned into the error family (SQLSTATE: PostgreSQL documentation, appendix A)."""

from __future__ import annotations

from certtui.errors import CerttuiError, Conflict, Denied, Interrupted, Invalid, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import psycopg

_LOST = Unreachable(
    "The connection to the PostgreSQL server was lost.",
    "Try again: it is made anew. After a change, look first whether it is there.",
)


def from_psycopg(error: psycopg.Error, *, interrupted: bool = False) -> CerttuiError:
    """The sentence for an error of a statement; `interrupted` when it was this process that broke it off."""
    state = error.sqlstate or ""
    match state:
        case "57014":
            if interrupted:
                return Interrupted("Broken off.")
            return Unreachable(
                "The PostgreSQL server took too long to answer.", "Narrow the question, or try again in a moment."
            )
        case "55P03":
            return Unreachable(
                "The store is busy: another change has been running for too long.", "Try again in a moment."
            )
        case "25006":
            return Denied(
                "This PostgreSQL server only reads: it is a replica, or set to read-only.", "Name the primary server."
            )
        case "42501":
            return Denied(
                f"PostgreSQL refuses this to the user of the store: {_words(error)}.",
                "See the roles and grants in docs/postgresql.md.",
            )
        case "42P01" | "3F000":
            return Invalid(
                "The database holds no whole certtui store.", "Name another one with `--store`.", field="store"
            )
        case "2201B":
            return Invalid("The pattern is more than the database can follow.", "Use fewer wildcards.", field="filter")
        case "53100":
            return Unreachable("The disk of the PostgreSQL server is full; nothing was changed.", "Free some space.")
        case "53300":
            return Unreachable("The PostgreSQL server has no connection left.", "Try again, or raise max_connections.")
        case "40001" | "40P01":
            return Conflict("Another change came first.", "Look again and repeat it.")
    if state.startswith("23"):
        return Conflict("Another change came first.", "Look again and repeat it.")
    if is_lost(error):
        return _LOST
    return Unreachable(f"PostgreSQL answered: {_words(error)}.", "See the log of the PostgreSQL server.")


def from_connecting(error: psycopg.Error, place: str) -> CerttuiError:
    """The sentence for a connection that was not made; libpq's words name host and user, never the password."""
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = said[-1].removeprefix("- ") if said else "no reason given"
    for noise in ("connection failed: ", "connection is bad: ", "FATAL:  ", "FATAL: "):
        reason = reason.replace(noise, "")
    return Unreachable(
        f"The store at {place} can't be reached: {reason.rstrip('.')}.",
        "Check the server, the address, and the password in your password file or PGPASSWORD.",
    )


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is gone with the error."""
    state = error.sqlstate or ""
    return (
        state.startswith("08")
        or state in ("57P01", "57P02", "57P03", "57P05", "25P03")
        or (not state and type(error).__name__ in ("OperationalError", "InterfaceError"))
    )


def _words(error: psycopg.Error) -> str:
    """The server's own message; never its detail, which quotes values."""
    own = str(error) if type(error).__name__ == "ProgrammingError" else type(error).__name__
    return (error.diag.message_primary or own).rstrip(".")
