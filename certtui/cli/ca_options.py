"""The options that say what a CA is to be and what it publishes, the same for every command that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli.arguments import Parser, Usage, count

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.model.ca import CaSpec
    from certtui.model.local_ca import CaSettings

KEYS = (
    *("ec-384", "ec-256", "ec-521", "rsa-2048", "rsa-3072", "rsa-4096"),
    *("ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"),
)


def spec_options(parser: Parser, *, days: int, given: bool = True) -> None:
    """What the CA is to be. `given` False: everything may be left out, and is then as the CA before it."""
    parser.add_argument("--subject", metavar="O=..,OU=..", default="", help="the rest of the subject: O, OU, C, ST, L")
    parser.add_argument("--key", choices=KEYS, default="ec-384" if given else None, help="what key to make")
    parser.add_argument(
        "--digest",
        choices=("sha256", "sha384", "sha512"),
        default="sha256" if given else None,
        help="what it signs with; Ed25519 and ML-DSA have none",
    )
    parser.add_argument("--days", type=count, default=days if given else None, help=f"how long it is valid ({days})")
    parser.add_argument(
        "--path-length", metavar="N", type=count, help="how many CAs may stand between it and a leaf; 0 for leaves only"
    )
    names = "DNS:example.com, IP:10.0.0.0/8 or EMAIL:example.com (again for more)"
    parser.add_argument("--permit", metavar="NAME", action="append", default=[], help=f"issue only below {names}")
    parser.add_argument("--exclude", metavar="NAME", action="append", default=[], help="never issue below NAME")
    parser.add_argument(
        "--usage",
        metavar="USAGE",
        action="append",
        default=[],
        help="limit it to an extended key usage: serverAuth, clientAuth, codeSigning, an OID (again for more)",
    )


def settings_options(parser: Parser) -> None:
    """What it publishes, and where."""
    parser.add_argument("--crl-days", metavar="DAYS", type=count, help="how long a CRL is good for (7)")
    parser.add_argument("--delta-hours", metavar="HOURS", type=count, help="how long a delta CRL is good for; 0: none")
    parser.add_argument("--crl-file", metavar="FILE.crl", help="where the CRL is written, on the host of the worker")
    wanted = "written into what it issues (again for more)"
    parser.add_argument("--crl-url", metavar="URL", action="append", help=f"where the CRL is, {wanted}")
    parser.add_argument("--delta-url", metavar="URL", action="append", help=f"where the delta CRL is, {wanted}")
    parser.add_argument("--issuer-url", metavar="URL", action="append", help=f"where its certificate is, {wanted}")
    parser.add_argument("--ocsp-url", metavar="URL", action="append", help=f"where OCSP is answered, {wanted}")
    compliant = parser.add_mutually_exclusive_group()
    compliant.add_argument(
        "--compliant",
        action="store_const",
        const=True,
        default=None,
        help="mark it as one that a repository of compliant certificates may be bound to",
    )
    compliant.add_argument(
        "--no-compliant", action="store_const", const=False, dest="compliant", help="take that mark away"
    )


def spec_of(args: Namespace) -> CaSpec:
    """The CA that the options describe. Raises `Usage`."""
    from certtui.cli.subject import parse_subject
    from certtui.model.ca import CaSpec

    if args.days < 1:
        raise Usage("A CA is valid for at least one day.", "Give the number of days.")
    return CaSpec(
        parse_subject(args.subject, args.name),
        args.key,
        args.digest,
        args.days,
        args.path_length,
        tuple(args.permit),
        tuple(args.exclude),
        tuple(args.usage),
    )


def settings_of(args: Namespace, before: CaSettings | None = None) -> CaSettings:
    """The settings with the options put over those from before; an empty URL or file takes what was there away."""
    from dataclasses import replace

    from certtui.model.local_ca import CaSettings

    found = before or CaSettings()
    if args.crl_days is not None:
        found = replace(found, crl_days=args.crl_days)
    if args.delta_hours is not None:
        found = replace(found, delta_hours=args.delta_hours)
    if args.crl_file is not None:
        # A path of the worker's host, which need not be this one: it is not looked at here.
        found = replace(found, crl_file=args.crl_file)
    if args.compliant is not None:
        found = replace(found, compliant=args.compliant)
    return replace(
        found,
        crl_urls=_urls(args.crl_url, found.crl_urls),
        delta_urls=_urls(args.delta_url, found.delta_urls),
        issuer_urls=_urls(args.issuer_url, found.issuer_urls),
        ocsp_urls=_urls(args.ocsp_url, found.ocsp_urls),
    )


def any_setting(args: Namespace) -> bool:
    """Whether one of the settings was given."""
    urls = (args.crl_url, args.delta_url, args.issuer_url, args.ocsp_url)
    return any(value is not None for value in (args.crl_days, args.delta_hours, args.crl_file, args.compliant, *urls))


def _urls(typed: list[str] | None, before: tuple[str, ...]) -> tuple[str, ...]:
    return before if typed is None else tuple(url for url in typed if url)
