"""Every command by its words: the module that holds it and one line of what it does. No import: `--help` must be quick.

The module has `COMMANDS`, a dict of the same words to (a function that adds the arguments, a function that runs it).
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("certtui.cli.importing", "take certificates in from files, folders, standard input or a running server"),
    "list": ("certtui.cli.listing", "list certificates that a filter fits"),
    "show": ("certtui.cli.certificates", "show everything about one certificate"),
    "edit": ("certtui.cli.certificates", "change name, group, description or contact"),
    "export": ("certtui.cli.exporting", "write a certificate, its chain or its key to a file"),
    "delete": ("certtui.cli.certificates", "remove certificates with their keys"),
    "revoke": ("certtui.cli.revoke", "revoke a certificate for good; shows what would break first"),
    "replace": ("certtui.cli.replacing", "move the associations of a certificate to its renewal"),
    "match": ("certtui.cli.matching", "tell whether keys, certificates, CSRs and chains belong together"),
    "csr create": ("certtui.cli.csr", "make a key and a CSR; prints the PEM"),
    "csr list": ("certtui.cli.csr", "list the saved CSRs"),
    "csr show": ("certtui.cli.csr", "show a saved CSR"),
    "csr complete": ("certtui.cli.csr", "give a saved CSR its signed certificate"),
    "csr delete": ("certtui.cli.csr", "remove a saved CSR with its key"),
    "resource add": ("certtui.cli.resource", "add a thing that uses certificates"),
    "resource list": ("certtui.cli.resource", "list the resources that a filter fits"),
    "resource show": ("certtui.cli.resource", "show a resource and its certificates"),
    "resource remove": ("certtui.cli.resource", "remove a resource"),
    "associate": ("certtui.cli.associate", "say that resources use a certificate"),
    "dissociate": ("certtui.cli.associate", "say that resources no longer use a certificate"),
    "policy list": ("certtui.cli.policy", "list the policies that a filter fits"),
    "policy show": ("certtui.cli.policy", "show a policy in sentences, with its waivers"),
    "policy add": ("certtui.cli.policy", "add a policy from options or a file; it is not enabled unless asked"),
    "policy edit": ("certtui.cli.policy", "change a policy"),
    "policy enable": ("certtui.cli.policy", "put a policy in force"),
    "policy disable": ("certtui.cli.policy", "take a policy out of force"),
    "policy remove": ("certtui.cli.policy", "remove a policy with its waivers"),
    "policy dry-run": ("certtui.cli.policy_try", "tell what of the inventory a policy would not pass"),
    "policy sets": ("certtui.cli.policy_try", "show the ready-made policies"),
    "policy add-set": ("certtui.cli.policy_try", "add the policies of a ready-made set"),
    "policy waive": ("certtui.cli.policy_try", "let a soft policy not hold for some entries, for a time"),
    "policy waivers": ("certtui.cli.policy_try", "list the waivers"),
    "policy unwaive": ("certtui.cli.policy_try", "end a waiver"),
    "ca create-root": ("certtui.cli.ca_make", "make a root CA with its key"),
    "ca create-intermediate": ("certtui.cli.ca_make", "make a CA below another one, and a profile that issues by it"),
    "ca request": ("certtui.cli.ca_make", "make key and CSR of a CA that an offline root signs; prints the PEM"),
    "ca complete": ("certtui.cli.ca_make", "give a waiting CA the certificate that the offline root signed"),
    "ca import": ("certtui.cli.ca_make", "take in a CA that exists, with its key or without"),
    "ca list": ("certtui.cli.ca", "list the CAs that a filter fits"),
    "ca show": ("certtui.cli.ca", "show a CA: limits, CRLs, profiles, settings"),
    "ca edit": ("certtui.cli.ca", "change what a CA publishes, and where"),
    "ca crl": ("certtui.cli.ca", "show, issue or write the CRL of a CA"),
    "ca accept-crl": ("certtui.cli.ca", "take in the CRL of a CA whose key is not here"),
    "ca rollover": ("certtui.cli.ca", "make a successor with a new key; profiles issue by it from then on"),
    "ca living": ("certtui.cli.ca", "list what a CA issued that is neither expired nor revoked"),
    "ca retire": ("certtui.cli.ca", "let a CA issue no more; its CRLs go on"),
    "store init": ("certtui.cli.store", "make a store with its key"),
    "store status": ("certtui.cli.store", "tell where the store is, and whether it is locked"),
    "store check": ("certtui.cli.store", "check database, audit chain and sealed keys"),
    "store backup": ("certtui.cli.store", "copy the store to a file, also while it is in use"),
    "store restore": ("certtui.cli.store", "bring a backup back"),
    "store rekey": ("certtui.cli.store", "make a new store key and seal all keys with it"),
    "store migrate-to": ("certtui.cli.moving", "copy the store to another place: to PostgreSQL, or back to a file"),
    "store passphrase": ("certtui.cli.store", "protect the store key by a passphrase, or go back to a key file"),
    "token create": ("certtui.cli.token", "make a token for a person or a service; shows it once"),
    "token list": ("certtui.cli.token", "list tokens, or the client certificates that are mapped"),
    "token revoke": ("certtui.cli.token", "make a token open nothing any more"),
    "token map": ("certtui.cli.token", "let client certificates with a name stand for somebody"),
    "token unmap": ("certtui.cli.token", "take such a mapping away"),
    "audit list": ("certtui.cli.audit", "list what was done, newest first"),
    "audit export": ("certtui.cli.audit", "write records to a file: JSON lines, CSV or syslog"),
    "audit verify": ("certtui.cli.audit", "check that the audit log is whole"),
    "audit head": ("certtui.cli.audit", "print the newest record's number and hash, to keep elsewhere"),
    "context list": ("certtui.cli.contexts", "list the places with certificates: stores and servers"),
    "context add": ("certtui.cli.contexts", "give a store or a server a name in the configuration"),
    "context use": ("certtui.cli.contexts", "choose the context that is opened when none is asked for"),
    "context test": ("certtui.cli.contexts", "tell whether a context answers, and who you are there"),
    "serve": ("certtui.cli.serve", "serve the store to consoles and scripts elsewhere"),
    "doctor": ("certtui.cli.doctor", "look for what could be wrong here, and say what to do"),
    "completions": ("certtui.cli.completions", "print the completions for a shell"),
}


def nouns() -> list[str]:
    """The first words, in order, each once."""
    return list(dict.fromkeys(words.split()[0] for words in COMMANDS))


def verbs(noun: str) -> list[str]:
    """The second words of a noun, in order; none for a noun that is a command itself."""
    return [words.split()[1] for words in COMMANDS if words.startswith(noun + " ")]
