"""The names of audit events (DESIGN 8), and which of them are no changes."""

from __future__ import annotations

CERTIFICATE_IMPORTED = "certificate.import.success"
CERTIFICATE_EDITED = "certificate.edit.success"
CERTIFICATE_DELETED = "certificate.delete.success"
CERTIFICATE_REPLACED = "certificate.replace.success"
CERTIFICATE_ASSOCIATED = "certificate.associate.success"
CERTIFICATE_DISSOCIATED = "certificate.dissociate.success"
CERTIFICATE_VIEWED = "certificate.view.accessed"
CERTIFICATE_DOWNLOADED = "certificate.download.success"
CERTIFICATE_PFX_DOWNLOADED = "certificate.download_pfx.success"
REVOCATION_REQUESTED = "certificate.revoke.requested"
REVOCATION_CONFIRMED = "certificate.revoke.confirmed"
REVOCATION_TOLD = "certificate.revoke.told"
REVOCATION_NOT_TOLD = "certificate.revoke.not_told"
REVOCATION_TOLD_BY_PERSON = "certificate.revoke.told_by_person"
REVOCATION_LEARNED = "certificate.revoke.learned"
KEY_REVEALED = "certificate.key.revealed"
KEY_DELETED = "certificate.key.deleted"
CSR_SAVED = "certificate.request_csr.saved"
CSR_COMPLETED = "certificate.request_csr.completed"
CSR_DELETED = "certificate.request_csr.deleted"
REQUEST_AUTOMATED = "certificate.request_automated.submitted"
REQUEST_CSR = "certificate.request_csr.submitted"
CERTIFICATE_ISSUED = "certificate.issue.success"
ORDER_CREATED = "order.create.success"
ORDER_EDITED = "order.edit.success"
ORDER_CSR_MADE = "order.generate_csr.success"
ORDER_SUBMITTED = "order.submit.success"
ORDER_WAITING = "order.submit.waiting"
ORDER_COMPLETED = "order.complete.success"
ORDER_FAILED = "order.complete.failed"
ORDER_CANCELLED = "order.cancel.success"
ORDER_BACK_TO_DRAFT = "order.back_to_draft.success"
ORDER_SENT_AGAIN = "order.send_again.success"
RENEWAL_FAILED = "certificate.renew.failed"
CNAME_BROKEN = "certificate.renew.cname_broken"
CNAME_MENDED = "certificate.renew.cname_mended"
AUTHORITY_CREATED = "authority.create.success"
AUTHORITY_EDITED = "authority.edit.success"
AUTHORITY_TESTED = "authority.test.success"
AUTHORITY_DELETED = "authority.delete.success"
AUTHORITY_ACCOUNT = "authority.account.registered"
AUTHORITY_STAGING = "authority.staging_account.registered"
AUTHORITY_PREFLIGHT = "authority.preflight.success"
AUTHORITY_PREFLIGHT_FAILED = "authority.preflight.failed"
AUTHORITY_ACCOUNT_ASKED = "authority.account.requested"
AUTHORITY_ACCOUNT_KEY_ASKED = "authority.account_key.requested"
AUTHORITY_ACCOUNT_KEY = "authority.account_key.changed"
AUTHORITY_ACCOUNT_CONTACT = "authority.account_contact.changed"
AUTHORITY_ACCOUNT_TERMS = "authority.account_terms.agreed"
AUTHORITY_ACCOUNT_CLOSING = "authority.account_deactivate.requested"
AUTHORITY_ACCOUNT_CLOSED = "authority.account_deactivate.confirmed"
AUTHORITY_NAME = "authority.name.registered"
CERTIFICATE_FILED = "certificate.file.success"
CERTIFICATE_UNFILED = "certificate.unfile.success"
REPOSITORY_CREATED = "repository.create.success"
REPOSITORY_RENAMED = "repository.rename.success"
REPOSITORY_RESET = "repository.reset.success"
REPOSITORY_ENABLED = "repository.enable.success"
REPOSITORY_REBOUND = "repository.rebind.success"
REPOSITORY_SIGNED = "repository.sign.success"
REPOSITORY_VERIFIED = "repository.verify.success"
REPOSITORY_NOT_VERIFIED = "repository.verify.failed"
REPOSITORY_ENCRYPTED = "repository.encrypt.success"
REPOSITORY_DECRYPTED = "repository.decrypt.success"
REPOSITORY_NOT_DECRYPTED = "repository.decrypt.failed"
REPOSITORY_DELETED = "repository.delete.success"
RESOURCE_CREATED = "resource.create.success"
RESOURCE_EDITED = "resource.edit.success"
RESOURCE_DELETED = "resource.delete.success"
CONTAINER_CREATED = "container.create.success"
CONTAINER_EDITED = "container.edit.success"
CONTAINER_UPDATED = "container.update.success"
CONTAINER_ROLLED_BACK = "container.rollback.success"
CONTAINER_DELETED = "container.delete.success"
CONTAINER_FETCHED = "container.fetch.success"
CONSUMER_ADDED = "container.consumer.added"
CONSUMER_REMOVED = "container.consumer.removed"
SECRET_STORED = "secret.store.success"  # noqa: S105 - an event's name
SECRET_DELETED = "secret.delete.success"  # noqa: S105 - an event's name
POLICY_CREATED = "policy.create.success"
POLICY_EDITED = "policy.edit.success"
POLICY_DELETED = "policy.delete.success"
POLICY_WAIVED = "policy.waive.success"
POLICY_UNWAIVED = "policy.unwaive.success"
POLICY_HARD_FAIL = "certificate.policy_hard_fail"
POLICY_SOFT_FAIL = "certificate.policy_soft_fail"
ALERT_PREFIX = "alert."
"""Followed by what happened (`certtui.model.alert.What`): `alert.opened`, `alert.acknowledged` …; one event for a batch."""
ALERT_THRESHOLDS_SET = "alert.thresholds.success"
CHANNEL_CREATED = "channel.create.success"
CHANNEL_EDITED = "channel.edit.success"
CHANNEL_DELETED = "channel.delete.success"
CHANNEL_TESTED = "channel.test.success"
CA_CREATED = "ca.create.success"
CA_REQUESTED = "ca.request.success"
CA_COMPLETED = "ca.complete.success"
CA_IMPORTED = "ca.import.success"
CA_EDITED = "ca.edit.success"
CA_ROLLED_OVER = "ca.rollover.success"
CA_RETIRED = "ca.retire.success"
CRL_ISSUED = "ca.crl.issued"
CRL_ACCEPTED = "ca.crl.accepted"
ACL_SET = "acl.set.success"
AUDIT_EXPORTED = "audit.export.success"
STORE_CREATED = "store.create.success"
STORE_BACKED_UP = "store.backup.success"
STORE_RESTORED = "store.restore.success"
STORE_MOVED = "store.move.success"
STORE_REKEYED = "store.rekey.success"
STORE_PROTECTION_CHANGED = "store.protection.success"
TOKEN_CREATED = "token.create.success"  # noqa: S105 - an event's name
TOKEN_REVOKED = "token.revoke.success"  # noqa: S105 - an event's name
MAPPING_ADDED = "mapping.create.success"
MAPPING_REMOVED = "mapping.delete.success"
LOGIN_FAILED = "auth.login.failed"

NOT_CHANGES = frozenset(
    {
        CERTIFICATE_VIEWED,
        CERTIFICATE_DOWNLOADED,
        CERTIFICATE_PFX_DOWNLOADED,
        REVOCATION_REQUESTED,
        KEY_REVEALED,
        CONTAINER_FETCHED,
        REPOSITORY_SIGNED,
        REPOSITORY_VERIFIED,
        REPOSITORY_NOT_VERIFIED,
        REPOSITORY_ENCRYPTED,
        REPOSITORY_DECRYPTED,
        REPOSITORY_NOT_DECRYPTED,
        STORE_BACKED_UP,
        AUDIT_EXPORTED,
        LOGIN_FAILED,
        POLICY_HARD_FAIL,
        POLICY_SOFT_FAIL,
    }
)
"""Audited, but nothing that a screen shows differs afterwards: left out of the change feed.

A bulk event's ids stand in its detail as `{"ids": [...]}`; other events name their object in `object_kind`, `object_id`.
"""
