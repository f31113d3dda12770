"""What the commands of repositories have in common: a data source as options, a repository as JSON and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli.arguments import Parser
from certtui.clock import rfc3339

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.output import Document, Value
    from certtui.model.repository import Repository, RepositoryRow, RepositorySource, ResetPlan

_SOURCES = ("uploaded", "uploaded-ca", "private", "compliant")


def source_options(parser: Parser) -> None:
    """The data source, and what belongs to it."""
    parser.add_argument(
        "--source",
        choices=_SOURCES,
        required=True,
        help="uploaded: any; uploaded-ca: CA certificates with a complete chain; private: what one CA here issues; "
        "compliant: the same of a CA that is marked as compliant, under policies",
    )
    parser.add_argument("--ca", metavar="CA", help="for private and compliant: the intermediate CA, by id or name")
    parser.add_argument(
        "--policy", metavar="POLICY", action="append", default=[], help="for compliant: attach it (again for more)"
    )
    parser.add_argument(
        "--policy-set", metavar="SET", default="", help="for compliant: attach a ready-made set; `certtui policy sets`"
    )


def typed_source(backend: Backend, args: Namespace) -> RepositorySource:
    """The data source that the options describe. Raises `NotFound`, `Ambiguous`."""
    from certtui.model.repository import RepositorySource

    return RepositorySource(
        args.source,
        None if args.ca is None else backend.cas.resolve(args.ca),
        tuple(backend.policies.resolve(each) for each in args.policy),
        args.policy_set,
    )


def sentence_of(row: RepositoryRow) -> str:
    """How it stands, and what that means."""
    if row.data_source is None:
        return "reset: nothing is filed there until it is enabled"
    return f"enabled, for {row.data_source.label.lower().replace('ca cert', 'CA cert')}"


def of_repository(row: RepositoryRow) -> Document:
    """A repository as JSON."""
    return {
        "id": row.id,
        "version": row.version,
        "name": row.name,
        "business_group": row.business_group,
        "data_source": row.data_source.value if row.data_source else None,
        "state": row.state.value,
        "certificates": row.certificates,
        "ca_id": row.ca_id,
        "ca": row.ca_name,
        "created_at": rfc3339(row.created_at),
        "created_by": row.created_by,
    }


def of_whole(repository: Repository) -> Document:
    """The same with its policies."""
    policies: list[Value] = [{"id": one.id, "name": one.name, "outcome": one.outcome} for one in repository.policies]
    return {**of_repository(repository.row), "policies": policies, "updated_at": rfc3339(repository.updated_at)}


def of_plan(plan: ResetPlan) -> Document:
    """What left a repository by a reset."""
    return {
        "total": plan.total,
        "certificates": [
            {"id": one.id, "name": one.name, "not_after": rfc3339(one.not_after) if one.not_after else None}
            for one in plan.certificates
        ],
        "ca": plan.ca_name,
        "policies": list(plan.policies),
    }
