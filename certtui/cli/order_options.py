"""The options of `order create` and `order edit`, and the form that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import files, terminal
from certtui.cli.arguments import Parser, Usage, count, keep_key_options
from certtui.cli.reasons import reason_option
from certtui.errors import Invalid

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.csr import SubjectFields
    from certtui.model.order import OrderForm

_NAMED = 5
"""So many authorities are named where one has to be chosen."""

KEYS = (
    *("rsa-2048", "rsa-3072", "rsa-4096", "ec-256", "ec-384", "ec-521", "ed25519"),
    *("ml-dsa-44", "ml-dsa-65", "ml-dsa-87"),
)
_SUBJECT = {
    "organization": "organization",
    "unit": "organizational_unit",
    "locality": "locality",
    "state": "state",
    "country": "country",
    "email": "email",
}


def form_options(parser: Parser) -> None:
    """What can be said of an order."""
    parser.add_argument("--authority", metavar="NAME", help="whom to ask: the name of a profile")
    parser.add_argument("--cn", metavar="CN", help="the common name")
    parser.add_argument(
        "--san",
        metavar="NAME",
        action="append",
        help="a name it is for, DNS unless it says IP:, EMAIL: or URI: (again for more)",
    )
    parser.add_argument("--subject", metavar="O=..,OU=..", help="the rest of the subject: O, OU, C, ST, L")
    for option in _SUBJECT:
        parser.add_argument(f"--{option}", metavar="TEXT", help=f"the {option} of the subject")
    parser.add_argument("--key", choices=KEYS, help="what key to make (default: as the template likes it)")
    parser.add_argument(
        "--csr", metavar="FILE", help="a CSR that was made elsewhere, - for standard input; its key stays there"
    )
    parser.add_argument("--template", metavar="NAME", help="which of the authority's templates")
    parser.add_argument("--days", metavar="N", type=count, help="how long it shall be valid")
    parser.add_argument(
        "--auto-renew", metavar="DAYS", type=count, help="renew so many days before it expires; 0 for never"
    )
    keep_key_options(parser)
    parser.add_argument(
        "--resource", metavar="NAME", action="append", help="associate it when it is done (again for more)"
    )
    parser.add_argument("--renews", metavar="CERT", help="the certificate that it is to replace")
    parser.add_argument("--name", help="what to call it (default: the common name)")
    parser.add_argument("--group", help="the business group that owns it")
    parser.add_argument("--description", help="what it is for")
    parser.add_argument("--contact", metavar="EMAIL", help="whom to ask about it")
    reason_option(parser)


def form_of(context: Context, backend: Backend, args: Namespace, base: OrderForm | None = None) -> OrderForm:
    """The form that the options make; for an edit, what is not given stays as in `base`. Raises `Usage`, `Invalid`."""
    from dataclasses import replace

    from certtui.model.order import OrderForm

    form = base or OrderForm()
    if args.csr is not None and any(value is not None for value in (args.cn, args.san, args.subject, args.key)):
        raise Usage("A CSR brings its own key, subject and SANs.", "Leave --cn, --san, --subject and --key away.")
    values: dict[str, object] = {}
    if args.csr is not None:
        values["csr"] = _csr(context, args.csr)
    if (subject := _subject(args, form.subject)) != form.subject:
        values["subject"] = subject
    if args.san is not None:
        values["sans"] = _sans(context, args.san)
    if args.resource is not None:
        values["resource_ids"] = tuple(backend.resources.resolve(each) for each in args.resource)
    if args.renews is not None:
        values["renews_id"] = backend.certificates.resolve(args.renews)
    for option, field in (("authority", "authority"), ("key", "key_type"), ("template", "template"), ("days", "days")):
        if (value := getattr(args, option)) is not None:
            values[field] = value
    if args.auto_renew is not None:
        values["auto_renew_days"] = args.auto_renew
    if args.keep_key is not None:
        values["keep_key"] = args.keep_key
    if args.reason:
        values["reason"] = args.reason
    labels = form.labels
    given = {
        "name": args.name,
        "business_group": args.group,
        "description": args.description,
        "contact_email": args.contact,
    }
    written = {field: value for field, value in given.items() if value is not None}
    if written:
        values["labels"] = replace(labels, **written)
    return replace(form, **values)  # type: ignore[arg-type]  # each value is of its field's type


def _subject(args: Namespace, base: SubjectFields) -> SubjectFields:
    from dataclasses import replace

    from certtui.cli.subject import parse_subject

    subject = parse_subject(args.subject) if args.subject is not None else base
    if args.cn is not None:
        if args.subject is not None and subject.common_name not in ("", args.cn):
            raise Usage("--cn and the CN of --subject differ.", "Give one of them.")
        subject = replace(subject, common_name=args.cn)
    given = {field: value for option, field in _SUBJECT.items() if (value := getattr(args, option)) is not None}
    return replace(subject, **given) if given else subject


def _sans(context: Context, typed: list[str]) -> tuple[str, ...]:
    for text in typed:
        if "\n" in text or not text.strip():
            raise Usage(f"{text!r} is no SAN.", "Write --san www.example.com, once for each.")
    normal, problems = context.inspect().suggest_sans("\n".join(typed))
    if problems:
        raise Usage(" ".join(problems), "Write a host name, or TYPE:VALUE with DNS, IP, EMAIL or URI.")
    return normal


def _csr(context: Context, name: str) -> bytes:
    material = files.material(context.inspect(), files.source(name))
    if len(material.requests) != 1:
        raise Invalid(
            f"{name} holds {len(material.requests)} CSRs; one is needed.", "Give a file with one.", field="csr"
        )
    return material.requests[0].der


def with_authority(backend: Backend, form: OrderForm) -> OrderForm:
    """The form, to the only enabled authority where it names none. Raises `Invalid` where there are none or several."""
    from dataclasses import replace

    from certtui.model.query import Gone, Query

    if form.authority:
        return form
    listing = backend.authorities.search(Query("enabled:yes"))
    try:
        names = [row.name for row in listing.rows(0, _NAMED + 1) if not isinstance(row, Gone)]
    finally:
        listing.close()
    match names:
        case []:
            raise Invalid(
                "No authority is enabled, so nothing was saved.",
                "`certtui authority add` adds one; without --submit the order is kept as a draft.",
                field="authority",
            )
        case [only]:
            terminal.say(f"It goes to {only}, the only authority that is enabled.")
            return replace(form, authority=only)
    more = " …" if len(names) > _NAMED else ""
    raise Invalid(
        "The order names no authority, so nothing was saved.",
        f"Name one with --authority: {', '.join(names[:_NAMED])}{more}.",
        field="authority",
    )
