"""What SQLite gets as Python functions (`read.dialect.install`), as functions in the database, made by the migration.

`certtui_fold` follows `model.search_text.fold`, `certtui_finds` follows `dialect`'s: a test holds them equal.
"""

from __future__ import annotations

import sys
from unicodedata import normalize


def function_ddl() -> tuple[str, ...]:
    """The statements that make the functions, or make them anew."""
    return (_HOLDING, _JSON_TEXT, _JSON_ITEMS, _fold(), _DECODED_LABEL, _DECODED, _FINDS, _WITHIN)


def _fold() -> str:
    """Case folding by a list, not by a collation: the same on every server, whatever its ICU."""
    single, several = _foldings()
    folded = f"translate(value, {_literal(''.join(single))}, {_literal(''.join(single.values()))})"
    for char, text in several.items():
        folded = f"replace({folded}, {_literal(char)}, {_literal(text)})"
    controls = "".join(map(chr, (*range(1, 32), 127)))
    return (
        "CREATE OR REPLACE FUNCTION certtui_fold(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE "
        "STRICT AS $certtui$ DECLARE value text; BEGIN "
        # NUL and U+0001 come as pairs (`nul`); a control character is a blank here.
        "value := replace(replace(given, chr(1) || chr(1), ' '), chr(1) || chr(2), ' '); "
        f"value := translate(value, {_literal(controls)}, {_literal(' ' * len(controls))}); "
        'IF octet_length(value) = char_length(value) THEN RETURN lower(value COLLATE "C"); END IF; '
        "value := normalize(value, NFKC); "
        f"RETURN normalize({folded}, NFKC); END $certtui$"
    )


def _foldings() -> tuple[dict[str, str], dict[str, str]]:
    """Characters that NFKC leaves and case folding changes: to one character, to several."""
    single: dict[str, str] = {}
    several: dict[str, str] = {}
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        folded = char.casefold()
        if folded != char and normalize("NFKC", char) == char:
            (single if len(folded) == 1 else several)[char] = folded
    return single, several


def _literal(text: str) -> str:
    return "U&'" + "".join(_escaped(char) for char in text) + "'"


def _escaped(char: str) -> str:
    if char.isascii() and char.isprintable() and char not in "'\\%:":
        return char
    return f"\\+{ord(char):06X}"


_HOLDING = r"""
CREATE OR REPLACE FUNCTION certtui_holding(phrase text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $certtui$
    SELECT '%' || regexp_replace(replace(substr(phrase, 2, length(phrase) - 2), '""', '"'), '([\\%_])', '\\\1', 'g') || '%'
$certtui$
"""
"""A phrase of FTS5 (`dialect.phrase`) as a pattern of LIKE."""

_JSON_TEXT = """
CREATE OR REPLACE FUNCTION certtui_json_text(value text, key text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
STRICT AS $certtui$
BEGIN
    RETURN coalesce(value::json ->> key, '');
EXCEPTION WHEN data_exception THEN
    RETURN value;
END $certtui$
"""

_JSON_ITEMS = r"""
CREATE OR REPLACE FUNCTION certtui_json_items(given text, key text) RETURNS TABLE (value jsonb) LANGUAGE plpgsql IMMUTABLE
PARALLEL SAFE STRICT AS $certtui$
DECLARE items jsonb;
BEGIN
    -- jsonb can't hold NUL; of what is asked for here, ids and names of groups, none is lost by that.
    items := replace(given, '\u0000', '\u0001')::jsonb -> key;
    IF jsonb_typeof(items) = 'array' THEN
        RETURN QUERY SELECT one FROM jsonb_array_elements(items) AS listed(one);
    END IF;
EXCEPTION WHEN data_exception THEN
    RETURN;
END $certtui$
"""

_DECODED_LABEL = r"""
CREATE OR REPLACE FUNCTION certtui_decoded_label(label text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
STRICT AS $certtui$
-- Punycode (RFC 3492, 6.2). What is no international label stays as it is.
DECLARE
    encoded text := lower(substr(label, 5) COLLATE "C");
    marks int := length(encoded) - strpos(reverse(encoded), '-');
    decoded text := CASE WHEN strpos(encoded, '-') > 0 THEN left(encoded, marks) ELSE '' END;
    at int := CASE WHEN strpos(encoded, '-') > 0 THEN marks + 2 ELSE 1 END;
    code bigint := 128; place bigint := 0; bias bigint := 72;
    old bigint; weight bigint; k bigint; threshold bigint; digit bigint; size bigint; delta bigint;
BEGIN
    IF length(label) > 63 OR encoded !~ '^[a-z0-9-]+$' THEN RETURN label; END IF;
    WHILE at <= length(encoded) LOOP
        old := place; weight := 1; k := 36;
        LOOP
            IF at > length(encoded) THEN RETURN label; END IF;
            digit := ascii(substr(encoded, at, 1));
            digit := CASE WHEN digit >= 97 THEN digit - 97 WHEN digit BETWEEN 48 AND 57 THEN digit - 22 ELSE 99 END;
            at := at + 1;
            IF digit > 35 THEN RETURN label; END IF;
            place := place + digit * weight;
            IF place > 2147483647 THEN RETURN label; END IF;
            threshold := CASE WHEN k <= bias THEN 1 WHEN k >= bias + 26 THEN 26 ELSE k - bias END;
            EXIT WHEN digit < threshold;
            weight := weight * (36 - threshold); k := k + 36;
            IF weight > 2147483647 THEN RETURN label; END IF;
        END LOOP;
        size := length(decoded) + 1;
        delta := CASE WHEN old = 0 THEN place / 700 ELSE (place - old) / 2 END;
        delta := delta + delta / size;
        k := 0;
        WHILE delta > 455 LOOP delta := delta / 35; k := k + 36; END LOOP;
        bias := k + 36 * delta / (delta + 38);
        code := code + place / size; place := place % size;
        IF code > 1114111 OR code BETWEEN 55296 AND 57343 THEN RETURN label; END IF;
        decoded := overlay(decoded PLACING chr(code::int) FROM place::int + 1 FOR 0);
        place := place + 1;
    END LOOP;
    RETURN decoded;
END $certtui$
"""

_DECODED = r"""
CREATE OR REPLACE FUNCTION certtui_decoded(lines text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $certtui$
    SELECT coalesce(string_agg(part, '' ORDER BY number), '') FROM (
        SELECT number, CASE WHEN part LIKE 'xn--%' THEN certtui_decoded_label(part) ELSE part END AS part
        FROM regexp_matches(lines, '[.:\n]|[^.:\n]+', 'g') WITH ORDINALITY AS found(parts, number),
        LATERAL (SELECT parts[1] AS part) AS one
    ) AS labels
$certtui$
"""
"""Every `xn--` label of folded names as people write it."""

_FINDS = r"""
CREATE OR REPLACE FUNCTION certtui_finds(regex text, value text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
STRICT AS $certtui$
-- Regular expressions of `name_pattern`: PostgreSQL's need no atomic groups, and say `(?w)` for `(?m)`.
DECLARE
    pattern text := replace(CASE WHEN left(regex, 4) = '(?m)' THEN '(?w)' || substr(regex, 5) ELSE regex END, '(?>', '(?:');
    folded text;
BEGIN
    IF octet_length(value) = char_length(value) THEN
        folded := lower(value COLLATE "C");
    ELSE
        SELECT coalesce(string_agg(certtui_fold(line), E'\n' ORDER BY number), '') INTO folded
        FROM regexp_split_to_table(value, '\n') WITH ORDINALITY AS split(line, number);
    END IF;
    IF folded ~ pattern THEN RETURN true; END IF;
    RETURN strpos(folded, 'xn--') > 0 AND certtui_decoded(folded) ~ pattern;
END $certtui$
"""

_WITHIN = r"""
CREATE OR REPLACE FUNCTION certtui_within(sans text, common_name text, domains text) RETURNS boolean LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE STRICT AS $certtui$
-- `model.domains.within`: there is a name, and every name lies at or below one of the domains.
DECLARE
    name text; domain text; inside boolean; found boolean := false;
BEGIN
    FOR name IN SELECT CASE WHEN sans = '' THEN common_name ELSE substr(line, 5) END
        FROM regexp_split_to_table(sans, '\n') AS split(line)
        WHERE (sans = '' AND common_name <> '') OR upper(left(line, 4) COLLATE "C") = 'DNS:'
    LOOP
        found := true; inside := false;
        name := '.' || certtui_decoded(regexp_replace(certtui_fold(name), '[.]$', ''));
        FOREACH domain IN ARRAY string_to_array(domains, E'\n') LOOP
            domain := '.' || certtui_decoded(domain);
            inside := inside OR right(name, length(domain)) = domain;
        END LOOP;
        IF NOT inside THEN RETURN false; END IF;
    END LOOP;
    RETURN found;
END $certtui$
"""
