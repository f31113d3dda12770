-- SQLite schema of the newest revision, made from the tables; see schema.py.

CREATE TABLE audit_event (
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    event TEXT DEFAULT '' NOT NULL,
    actor TEXT DEFAULT '' NOT NULL,
    object_kind TEXT DEFAULT '' NOT NULL,
    object_id INTEGER,
    object_name TEXT DEFAULT '' NOT NULL,
    prev_hash TEXT DEFAULT '' NOT NULL,
    hash TEXT DEFAULT '' NOT NULL,
    detail TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (seq)
);

CREATE INDEX ix_audit_event_object ON audit_event (object_kind, object_id);

CREATE TABLE audit_head (
    id INTEGER NOT NULL,
    seq INTEGER DEFAULT 0 NOT NULL,
    hash TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE certificate (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    not_before BIGINT,
    not_after BIGINT,
    expiring_from BIGINT,
    revoked_at BIGINT,
    is_ca INTEGER DEFAULT 0 NOT NULL,
    self_issued INTEGER DEFAULT 0 NOT NULL,
    has_private_key INTEGER DEFAULT 0 NOT NULL,
    has_csr INTEGER DEFAULT 0 NOT NULL,
    resource_count INTEGER DEFAULT 0 NOT NULL,
    san_count INTEGER DEFAULT 0 NOT NULL,
    renews_id INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    common_name TEXT DEFAULT '' NOT NULL,
    issuer_name TEXT DEFAULT '' NOT NULL,
    business_group TEXT DEFAULT '' NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    provider TEXT DEFAULT '' NOT NULL,
    key_algorithm TEXT DEFAULT '' NOT NULL,
    signature_digest TEXT DEFAULT '' NOT NULL,
    contact_email TEXT DEFAULT '' NOT NULL,
    serial_number TEXT DEFAULT '' NOT NULL,
    fingerprint_sha256 TEXT,
    fingerprint_sha1 TEXT DEFAULT '' NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    subject_id TEXT DEFAULT '' NOT NULL,
    issuer_id TEXT DEFAULT '' NOT NULL,
    subject_key_id TEXT DEFAULT '' NOT NULL,
    authority_key_id TEXT DEFAULT '' NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    issuer TEXT DEFAULT '' NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    sans TEXT DEFAULT '' NOT NULL,
    search_text TEXT DEFAULT '' NOT NULL,
    domain TEXT DEFAULT '' NOT NULL,
    authority_id INTEGER,
    auto_renew_days INTEGER,
    repository_id INTEGER,
    created_by TEXT DEFAULT '' NOT NULL,
    keep_key INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(renews_id) REFERENCES certificate (id) ON DELETE SET NULL
);

CREATE INDEX ix_certificate_created ON certificate (created_at);

CREATE INDEX ix_certificate_domain ON certificate (domain);

CREATE INDEX ix_certificate_group ON certificate (business_group COLLATE NOCASE);

CREATE INDEX ix_certificate_issuer ON certificate (issuer_name COLLATE NOCASE);

CREATE INDEX ix_certificate_name ON certificate (name_key);

CREATE INDEX ix_certificate_not_after ON certificate (not_after, not_before, expiring_from, revoked_at);

CREATE INDEX ix_certificate_not_before ON certificate (not_before);

CREATE INDEX ix_certificate_renews ON certificate (renews_id) WHERE renews_id IS NOT NULL;

CREATE INDEX ix_certificate_repository ON certificate (repository_id) WHERE repository_id IS NOT NULL;

CREATE INDEX ix_certificate_revoked ON certificate (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE INDEX ix_certificate_serial ON certificate (serial_number);

CREATE INDEX ix_certificate_spki ON certificate (spki_sha256);

CREATE INDEX ix_certificate_state ON certificate (state, has_csr, spki_sha256) WHERE state <> '';

CREATE INDEX ix_certificate_subject ON certificate (subject_id) WHERE is_ca = 1;

CREATE INDEX ix_certificate_auto_renew ON certificate (not_after) WHERE auto_renew_days > 0;

CREATE INDEX ix_certificate_used ON certificate (not_after) WHERE resource_count > 0;

CREATE INDEX ix_certificate_weak_digest ON certificate (not_after) WHERE signature_digest IN ('md2', 'md4', 'md5', 'sha1') AND self_issued = 0;

CREATE INDEX ix_certificate_weak_key ON certificate (not_after) WHERE (key_algorithm >= 'dsa' AND key_algorithm < 'dsb') OR key_algorithm = 'ec-192' OR (length(key_algorithm) < 8 AND key_algorithm >= 'rsa-' AND key_algorithm < 'rsa.') OR (length(key_algorithm) = 8 AND key_algorithm >= 'rsa-1' AND key_algorithm < 'rsa-2048');

CREATE UNIQUE INDEX ux_certificate_fingerprint ON certificate (fingerprint_sha256);

CREATE TABLE chain_certificate (
    id INTEGER NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    is_ca INTEGER DEFAULT 0 NOT NULL,
    self_issued INTEGER DEFAULT 0 NOT NULL,
    fingerprint_sha256 TEXT DEFAULT '' NOT NULL,
    fingerprint_sha1 TEXT DEFAULT '' NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    subject_id TEXT DEFAULT '' NOT NULL,
    issuer_id TEXT DEFAULT '' NOT NULL,
    subject_key_id TEXT DEFAULT '' NOT NULL,
    authority_key_id TEXT DEFAULT '' NOT NULL,
    common_name TEXT DEFAULT '' NOT NULL,
    issuer_name TEXT DEFAULT '' NOT NULL,
    serial_number TEXT DEFAULT '' NOT NULL,
    key_algorithm TEXT DEFAULT '' NOT NULL,
    signature_digest TEXT DEFAULT '' NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    issuer TEXT DEFAULT '' NOT NULL,
    sans TEXT DEFAULT '' NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_chain_certificate_subject ON chain_certificate (subject_id);

CREATE UNIQUE INDEX ux_chain_certificate_fingerprint ON chain_certificate (fingerprint_sha256);

CREATE TABLE counter (
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE resource (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    endpoint TEXT DEFAULT '' NOT NULL,
    notes TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_resource_name ON resource (name_key);

CREATE TABLE certificate_mapping (
    id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    "match" TEXT DEFAULT '' NOT NULL,
    match_key TEXT DEFAULT '' NOT NULL,
    actor TEXT DEFAULT '' NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    export_keys INTEGER DEFAULT 0 NOT NULL,
    groups TEXT,
    domains TEXT,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_certificate_mapping_key ON certificate_mapping (match_key);

CREATE TABLE token (
    id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT,
    hash TEXT DEFAULT '' NOT NULL,
    prefix TEXT DEFAULT '' NOT NULL,
    actor TEXT DEFAULT '' NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    export_keys INTEGER DEFAULT 0 NOT NULL,
    groups TEXT,
    domains TEXT,
    note TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_token_hash ON token (hash);

CREATE TABLE wrapping_key (
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    protection TEXT DEFAULT '' NOT NULL,
    fingerprint TEXT DEFAULT '' NOT NULL,
    memory_kib INTEGER DEFAULT 0 NOT NULL,
    iterations INTEGER DEFAULT 0 NOT NULL,
    lanes INTEGER DEFAULT 0 NOT NULL,
    salt BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE association (
    certificate_id INTEGER NOT NULL,
    resource_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (certificate_id, resource_id, role),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE RESTRICT,
    FOREIGN KEY(resource_id) REFERENCES resource (id) ON DELETE RESTRICT
);

CREATE INDEX ix_association_resource ON association (resource_id);

CREATE TABLE certificate_der (
    certificate_id INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (certificate_id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE
);

CREATE TABLE chain_link (
    certificate_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    chain_certificate_id INTEGER NOT NULL,
    PRIMARY KEY (certificate_id, position),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE,
    FOREIGN KEY(chain_certificate_id) REFERENCES chain_certificate (id) ON DELETE RESTRICT
);

CREATE INDEX ix_chain_link_chain_certificate ON chain_link (chain_certificate_id);

CREATE TABLE csr (
    certificate_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (certificate_id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE
);

CREATE TABLE sealed_key (
    id INTEGER NOT NULL,
    certificate_id INTEGER NOT NULL,
    key_uid TEXT DEFAULT '' NOT NULL,
    wrapping_key_id TEXT NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    key_algorithm TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    wrapped_data_key BLOB NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE,
    FOREIGN KEY(wrapping_key_id) REFERENCES wrapping_key (id)
);

CREATE UNIQUE INDEX ux_sealed_key_certificate ON sealed_key (certificate_id);

CREATE UNIQUE INDEX ux_sealed_key_uid ON sealed_key (key_uid);

CREATE TABLE store_meta (
    id INTEGER NOT NULL,
    store_uid TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    expiring_days INTEGER DEFAULT 90 NOT NULL,
    short_lifetime_days INTEGER DEFAULT 100 NOT NULL,
    search_version INTEGER DEFAULT 1 NOT NULL,
    protection TEXT DEFAULT '' NOT NULL,
    wrapping_key_id TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(wrapping_key_id) REFERENCES wrapping_key (id)
);

CREATE TABLE once (
    owner TEXT DEFAULT '' NOT NULL,
    request_key TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    digest TEXT DEFAULT '' NOT NULL,
    object_ids TEXT DEFAULT '' NOT NULL,
    etag TEXT DEFAULT '' NOT NULL,
    body BLOB,
    PRIMARY KEY (owner, request_key)
);

CREATE INDEX ix_once_created ON once (created_at);

CREATE TABLE policy (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    enabled INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    outcome TEXT DEFAULT '' NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    scope TEXT DEFAULT '' NOT NULL,
    rules TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_policy_name ON policy (name_key);

CREATE TABLE policy_waiver (
    id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    owner TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    entry TEXT DEFAULT '' NOT NULL,
    names TEXT DEFAULT '' NOT NULL,
    created_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(policy_id) REFERENCES policy (id) ON DELETE CASCADE
);

CREATE INDEX ix_policy_waiver_policy ON policy_waiver (policy_id);

CREATE TABLE soft_finding (
    certificate_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    waived_until BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (certificate_id, policy_id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE,
    FOREIGN KEY(policy_id) REFERENCES policy (id) ON DELETE CASCADE
);

CREATE INDEX ix_soft_finding_policy ON soft_finding (policy_id);

CREATE TABLE authority (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    enabled INTEGER DEFAULT 1 NOT NULL,
    auto_renew_days INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    tested_at BIGINT,
    test_ok INTEGER DEFAULT 0 NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    summary TEXT DEFAULT '' NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    settings TEXT DEFAULT '' NOT NULL,
    test_lines TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_authority_name ON authority (name_key);

CREATE TABLE certificate_order (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    certificate_id INTEGER,
    authority_id INTEGER,
    again_of INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT,
    finished_at BIGINT,
    due_at BIGINT,
    lease_until BIGINT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    san_count INTEGER DEFAULT 0 NOT NULL,
    status TEXT DEFAULT '' NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    common_name TEXT DEFAULT '' NOT NULL,
    authority_name TEXT DEFAULT '' NOT NULL,
    requester_kind TEXT DEFAULT '' NOT NULL,
    requester TEXT DEFAULT '' NOT NULL,
    business_group TEXT DEFAULT '' NOT NULL,
    domain TEXT DEFAULT '' NOT NULL,
    lease_owner TEXT DEFAULT '' NOT NULL,
    reference TEXT,
    authority_ref TEXT DEFAULT '' NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    error_words TEXT DEFAULT '' NOT NULL,
    error_hint TEXT DEFAULT '' NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    key_algorithm TEXT DEFAULT '' NOT NULL,
    sans TEXT DEFAULT '' NOT NULL,
    search_text TEXT DEFAULT '' NOT NULL,
    form TEXT DEFAULT '' NOT NULL,
    steps TEXT DEFAULT '' NOT NULL,
    findings TEXT DEFAULT '' NOT NULL,
    csr BLOB,
    PRIMARY KEY (id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE SET NULL,
    FOREIGN KEY(authority_id) REFERENCES authority (id) ON DELETE SET NULL,
    FOREIGN KEY(again_of) REFERENCES certificate_order (id) ON DELETE SET NULL
);

CREATE INDEX ix_certificate_order_again ON certificate_order (again_of);

CREATE INDEX ix_certificate_order_authority ON certificate_order (authority_id, status);

CREATE INDEX ix_certificate_order_certificate ON certificate_order (certificate_id);

CREATE INDEX ix_certificate_order_created ON certificate_order (created_at);

CREATE INDEX ix_certificate_order_due ON certificate_order (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_certificate_order_spki ON certificate_order (spki_sha256);

CREATE INDEX ix_certificate_order_status ON certificate_order (status, created_at);

CREATE UNIQUE INDEX ux_certificate_order_reference ON certificate_order (reference) WHERE reference IS NOT NULL;

CREATE TABLE archived_key (
    id INTEGER NOT NULL,
    order_id INTEGER,
    key_uid TEXT DEFAULT '' NOT NULL,
    wrapping_key_id TEXT NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    key_algorithm TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT NOT NULL,
    wrapped_data_key BLOB NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(order_id) REFERENCES certificate_order (id) ON DELETE SET NULL,
    FOREIGN KEY(wrapping_key_id) REFERENCES wrapping_key (id)
);

CREATE INDEX ix_archived_key_order ON archived_key (order_id);

CREATE INDEX ix_archived_key_spki ON archived_key (spki_sha256);

CREATE UNIQUE INDEX ux_archived_key_uid ON archived_key (key_uid);

CREATE TABLE sealed_secret (
    id INTEGER NOT NULL,
    owner_kind TEXT DEFAULT '' NOT NULL,
    owner_id INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    key_uid TEXT DEFAULT '' NOT NULL,
    wrapping_key_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    wrapped_data_key BLOB NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(wrapping_key_id) REFERENCES wrapping_key (id)
);

CREATE UNIQUE INDEX ux_sealed_secret_owner ON sealed_secret (owner_kind, owner_id, name);

CREATE UNIQUE INDEX ux_sealed_secret_uid ON sealed_secret (key_uid);

CREATE TABLE ca (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    certificate_id INTEGER NOT NULL,
    parent_id INTEGER,
    predecessor_id INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    retired_at BIGINT,
    crl_number INTEGER DEFAULT 0 NOT NULL,
    crl_due_at BIGINT,
    delta_due_at BIGINT,
    lease_until BIGINT,
    lease_owner TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    subject_id TEXT DEFAULT '' NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    key_hash_sha1 TEXT DEFAULT '' NOT NULL,
    name_hash_sha1 TEXT DEFAULT '' NOT NULL,
    key_hash_sha256 TEXT DEFAULT '' NOT NULL,
    name_hash_sha256 TEXT DEFAULT '' NOT NULL,
    settings TEXT DEFAULT '' NOT NULL,
    spec TEXT DEFAULT '' NOT NULL,
    publish_error TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE RESTRICT,
    FOREIGN KEY(predecessor_id) REFERENCES ca (id) ON DELETE SET NULL
);

CREATE INDEX ix_ca_key_hash_sha1 ON ca (key_hash_sha1);

CREATE INDEX ix_ca_key_hash_sha256 ON ca (key_hash_sha256);

CREATE UNIQUE INDEX ux_ca_certificate ON ca (certificate_id);

CREATE UNIQUE INDEX ux_ca_name ON ca (name_key);

CREATE TABLE crl (
    ca_id INTEGER NOT NULL,
    delta INTEGER NOT NULL,
    number TEXT DEFAULT '' NOT NULL,
    base_number TEXT DEFAULT '' NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    entries INTEGER DEFAULT 0 NOT NULL,
    external INTEGER DEFAULT 0 NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (ca_id, delta),
    FOREIGN KEY(ca_id) REFERENCES ca (id) ON DELETE CASCADE
);

CREATE TABLE ocsp_responder (
    ca_id INTEGER NOT NULL,
    not_after BIGINT NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (ca_id),
    FOREIGN KEY(ca_id) REFERENCES ca (id) ON DELETE CASCADE
);

CREATE TABLE issued (
    ca_id INTEGER NOT NULL,
    serial TEXT NOT NULL,
    certificate_id INTEGER,
    order_id INTEGER,
    issued_at BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    invalidity_at BIGINT,
    reason TEXT DEFAULT '' NOT NULL,
    common_name TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (ca_id, serial),
    FOREIGN KEY(ca_id) REFERENCES ca (id) ON DELETE RESTRICT,
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE SET NULL,
    FOREIGN KEY(order_id) REFERENCES certificate_order (id) ON DELETE SET NULL
);

CREATE INDEX ix_issued_certificate ON issued (certificate_id);

CREATE INDEX ix_issued_not_after ON issued (ca_id, not_after);

CREATE INDEX ix_issued_order ON issued (order_id);

CREATE INDEX ix_issued_revoked ON issued (ca_id, revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE revocation (
    certificate_id INTEGER NOT NULL,
    invalidity_at BIGINT,
    due_at BIGINT,
    lease_until BIGINT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    authority_knows TEXT DEFAULT '' NOT NULL,
    revoked_by TEXT DEFAULT '' NOT NULL,
    lease_owner TEXT DEFAULT '' NOT NULL,
    answer TEXT DEFAULT '' NOT NULL,
    renew INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (certificate_id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE
);

CREATE INDEX ix_revocation_due ON revocation (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_revocation_renew ON revocation (certificate_id) WHERE renew = 1;

CREATE TABLE work_round (
    name TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    done_at BIGINT,
    lease_until BIGINT,
    lease_owner TEXT DEFAULT '' NOT NULL,
    worker TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE watched_file (
    authority_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    done INTEGER DEFAULT 0 NOT NULL,
    problem TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (authority_id, name),
    FOREIGN KEY(authority_id) REFERENCES authority (id) ON DELETE CASCADE
);

CREATE TABLE alert (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    severity INTEGER DEFAULT 0 NOT NULL,
    level INTEGER DEFAULT 0 NOT NULL,
    handled_severity INTEGER DEFAULT 0 NOT NULL,
    holds INTEGER DEFAULT 1 NOT NULL,
    object_kind TEXT DEFAULT '' NOT NULL,
    object_id INTEGER DEFAULT 0 NOT NULL,
    certificate_id INTEGER,
    due_at BIGINT,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    snoozed_until BIGINT,
    resolved_by TEXT DEFAULT '' NOT NULL,
    handled_by TEXT DEFAULT '' NOT NULL,
    object_name TEXT DEFAULT '' NOT NULL,
    business_group TEXT DEFAULT '' NOT NULL,
    detail TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_alert_certificate ON alert (certificate_id) WHERE certificate_id IS NOT NULL;

CREATE INDEX ix_alert_state ON alert (state, severity, opened_at);

CREATE INDEX ix_alert_sweep ON alert (kind, object_kind, object_id, holds, severity, level, state, snoozed_until);

CREATE UNIQUE INDEX ux_alert_thing ON alert (kind, object_kind, object_id);

CREATE TABLE alert_threshold (
    business_group TEXT DEFAULT '' NOT NULL,
    days TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (business_group)
);

CREATE TABLE channel (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    enabled INTEGER DEFAULT 1 NOT NULL,
    min_severity INTEGER DEFAULT 1 NOT NULL,
    on_resolve INTEGER DEFAULT 0 NOT NULL,
    has_secret INTEGER DEFAULT 0 NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    place TEXT DEFAULT '' NOT NULL,
    kinds TEXT DEFAULT '' NOT NULL,
    groups TEXT DEFAULT '' NOT NULL,
    settings TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_channel_name ON channel (name_key);

CREATE TABLE alert_event (
    id INTEGER NOT NULL,
    alert_id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    who TEXT DEFAULT '' NOT NULL,
    what TEXT DEFAULT '' NOT NULL,
    severity INTEGER DEFAULT 0 NOT NULL,
    level INTEGER DEFAULT 0 NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(alert_id) REFERENCES alert (id) ON DELETE CASCADE
);

CREATE INDEX ix_alert_event_alert ON alert_event (alert_id);

CREATE TABLE delivery (
    id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    alert_count INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    sent_at BIGINT,
    lease_owner TEXT DEFAULT '' NOT NULL,
    uid TEXT DEFAULT '' NOT NULL,
    event TEXT DEFAULT '' NOT NULL,
    sweep TEXT DEFAULT '' NOT NULL,
    alert_ids TEXT DEFAULT '' NOT NULL,
    answer TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE
);

CREATE INDEX ix_delivery_channel ON delivery (channel_id);

CREATE INDEX ix_delivery_due ON delivery (next_try_at) WHERE state = 'waiting';

CREATE UNIQUE INDEX ux_delivery_uid ON delivery (uid);

CREATE TABLE repository (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ca_id INTEGER,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    business_group TEXT DEFAULT '' NOT NULL,
    data_source TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    created_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(ca_id) REFERENCES ca (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ux_repository_ca ON repository (ca_id) WHERE ca_id IS NOT NULL;

CREATE UNIQUE INDEX ux_repository_name ON repository (business_group, name_key);

CREATE TABLE repository_policy (
    repository_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    PRIMARY KEY (repository_id, policy_id),
    FOREIGN KEY(repository_id) REFERENCES repository (id) ON DELETE CASCADE,
    FOREIGN KEY(policy_id) REFERENCES policy (id) ON DELETE RESTRICT
);

CREATE INDEX ix_repository_policy_policy ON repository_policy (policy_id);

CREATE TABLE secret (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    size INTEGER DEFAULT 0 NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    algorithm TEXT DEFAULT '' NOT NULL,
    spki_sha256 TEXT DEFAULT '' NOT NULL,
    business_group TEXT DEFAULT '' NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    created_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_secret_expires ON secret (expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX ix_secret_name ON secret (name_key);

CREATE TABLE container (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number INTEGER DEFAULT 1 NOT NULL,
    certificate_id INTEGER,
    follows INTEGER DEFAULT 1 NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    name_key TEXT DEFAULT '' NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    ref TEXT DEFAULT '' NOT NULL,
    business_group TEXT DEFAULT '' NOT NULL,
    created_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE SET NULL
);

CREATE INDEX ix_container_certificate ON container (certificate_id);

CREATE INDEX ix_container_name ON container (name_key);

CREATE UNIQUE INDEX ux_container_ref ON container (ref);

CREATE TABLE container_version (
    container_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    certificate_id INTEGER,
    created_at BIGINT NOT NULL,
    created_by TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (container_id, number),
    FOREIGN KEY(container_id) REFERENCES container (id) ON DELETE CASCADE,
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE SET NULL
);

CREATE INDEX ix_container_version_certificate ON container_version (certificate_id);

CREATE TABLE container_part (
    container_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    secret_id INTEGER NOT NULL,
    PRIMARY KEY (container_id, number, name),
    FOREIGN KEY(container_id) REFERENCES container (id) ON DELETE CASCADE,
    FOREIGN KEY(secret_id) REFERENCES secret (id) ON DELETE RESTRICT
);

CREATE INDEX ix_container_part_secret ON container_part (secret_id);

CREATE TABLE consumer (
    id INTEGER NOT NULL,
    container_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    fetched_at BIGINT,
    fetched_number INTEGER DEFAULT 0 NOT NULL,
    service TEXT DEFAULT '' NOT NULL,
    resource_type TEXT DEFAULT '' NOT NULL,
    resource TEXT DEFAULT '' NOT NULL,
    created_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(container_id) REFERENCES container (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ux_consumer ON consumer (container_id, service, resource_type, resource);

CREATE TABLE acl (
    id INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    object_id INTEGER NOT NULL,
    read_group INTEGER DEFAULT 1 NOT NULL,
    use_group INTEGER DEFAULT 1 NOT NULL,
    updated_at BIGINT NOT NULL,
    object_kind TEXT DEFAULT '' NOT NULL,
    owner TEXT DEFAULT '' NOT NULL,
    updated_by TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_acl_hiding ON acl (object_kind) WHERE read_group = 0;

CREATE UNIQUE INDEX ux_acl_object ON acl (object_kind, object_id);

CREATE TABLE acl_name (
    acl_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    may_use INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (acl_id, name),
    FOREIGN KEY(acl_id) REFERENCES acl (id) ON DELETE CASCADE
);

CREATE INDEX ix_acl_name_name ON acl_name (name);

CREATE TABLE acme_account (
    authority_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    directory TEXT DEFAULT '' NOT NULL,
    url TEXT DEFAULT '' NOT NULL,
    contact TEXT DEFAULT '' NOT NULL,
    status TEXT DEFAULT '' NOT NULL,
    seen_at BIGINT,
    registered_at BIGINT,
    contact_seen TEXT DEFAULT '' NOT NULL,
    key_type TEXT DEFAULT '' NOT NULL,
    terms TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (authority_id),
    FOREIGN KEY(authority_id) REFERENCES authority (id) ON DELETE CASCADE
);

CREATE TABLE acme_order (
    order_id INTEGER NOT NULL,
    asked_at BIGINT,
    looked_at BIGINT,
    url TEXT DEFAULT '' NOT NULL,
    looks TEXT DEFAULT '' NOT NULL,
    caa TEXT DEFAULT '' NOT NULL,
    rehearsed_at BIGINT,
    rehearsal TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (order_id),
    FOREIGN KEY(order_id) REFERENCES certificate_order (id) ON DELETE CASCADE
);

CREATE INDEX ix_acme_order_url ON acme_order (url) WHERE url <> '';

CREATE TABLE acme_record (
    id INTEGER NOT NULL,
    authority_id INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    added_at BIGINT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    value TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(authority_id) REFERENCES authority (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX ux_acme_record ON acme_record (order_id, name, value);

CREATE INDEX ix_acme_record_authority ON acme_record (authority_id);

CREATE TABLE acme_staging (
    authority_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    directory TEXT DEFAULT '' NOT NULL,
    url TEXT DEFAULT '' NOT NULL,
    contact TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (authority_id),
    FOREIGN KEY(authority_id) REFERENCES authority (id) ON DELETE CASCADE
);

CREATE TABLE acme_dns_name (
    id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    server TEXT DEFAULT '' NOT NULL,
    domain TEXT DEFAULT '' NOT NULL,
    target TEXT DEFAULT '' NOT NULL,
    subdomain TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX ux_acme_dns_name ON acme_dns_name (server, domain);

CREATE TABLE renewal (
    certificate_id INTEGER NOT NULL,
    ask_at BIGINT,
    window_start BIGINT,
    window_end BIGINT,
    window_chosen BIGINT,
    try_at BIGINT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    explanation TEXT DEFAULT '' NOT NULL,
    blocked TEXT DEFAULT '' NOT NULL,
    story TEXT DEFAULT '' NOT NULL,
    order_id INTEGER,
    look_at BIGINT,
    looked_at BIGINT,
    looks_bad INTEGER DEFAULT 0 NOT NULL,
    cname TEXT DEFAULT '' NOT NULL,
    status_at BIGINT,
    PRIMARY KEY (certificate_id),
    FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE CASCADE
);

CREATE INDEX ix_renewal_window ON renewal (window_chosen) WHERE window_chosen IS NOT NULL;

CREATE INDEX ix_renewal_cname ON renewal (certificate_id) WHERE cname <> '';

CREATE VIRTUAL TABLE certificate_fts USING fts5(search_text, content='certificate', content_rowid='id', tokenize='trigram case_sensitive 1', columnsize=0);

CREATE TRIGGER certificate_fts_update AFTER UPDATE OF search_text ON certificate WHEN old.search_text IS NOT new.search_text BEGIN INSERT INTO certificate_fts(certificate_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text); INSERT INTO certificate_fts(rowid, search_text) VALUES (new.id, new.search_text); END;

CREATE TRIGGER certificate_fts_delete AFTER DELETE ON certificate BEGIN INSERT INTO certificate_fts(certificate_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text); END;

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));

INSERT INTO alembic_version VALUES ('0015');

INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
