"""`certtui consumer`: who uses containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_containers as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, count, format_option
from certtui.cli.container import CONSUMERS, consumer_texts, reference

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context


def _add_arguments(parser: Parser) -> None:
    reference(parser)
    parser.add_argument("service", metavar="SERVICE", help="what uses it: nginx, haproxy, a job")
    parser.add_argument("--type", default="", help="what kind of thing it runs on: host, load-balancer")
    parser.add_argument("--resource", metavar="ID|URL", default="", help="which one")
    format_option(parser, csv=False)


def _add(context: Context, args: Namespace) -> int:
    from certtui.model.consumer import ConsumerForm, consumer_words

    with context.open() as backend:
        form = ConsumerForm(args.service, args.type, args.resource)
        consumer = backend.containers.add_consumer(backend.containers.resolve(args.container), form)
    if args.format == "json":
        output.json_object(documents.of_consumer(consumer))
    terminal.say(f"{consumer_words(consumer)} uses {consumer.container} (consumer {consumer.id}).")
    return 0


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("container", metavar="CONTAINER", nargs="?", help="those of one container; default: all")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        container_id = backend.containers.resolve(args.container) if args.container else None
        found = backend.containers.consumers(container_id)
    match args.format:
        case "table":
            if not output.table(CONSUMERS, map(consumer_texts, found)):
                terminal.say("No consumer is registered.")
        case "json":
            output.json_array(map(documents.of_consumer, found))
        case _:
            output.csv(documents.CONSUMER, map(documents.of_consumer, found))
    return 0


def _remove_arguments(parser: Parser) -> None:
    parser.add_argument("consumer", metavar="ID", type=count, help="its number, as `consumer list` gives it")
    format_option(parser, csv=False)


def _remove(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        backend.containers.remove_consumer(args.consumer)
    if args.format == "json":
        output.json_object({"removed": args.consumer})
    terminal.say(f"Consumer {args.consumer} is registered no more; what it has fetched it still has.")
    return 0


COMMANDS = {
    "consumer add": (_add_arguments, _add),
    "consumer list": (_list_arguments, _list),
    "consumer remove": (_remove_arguments, _remove),
}
