"""Rules about new entries as triggers of either kind of database.

A rule is its name, the kinds of entry that it is about (all, if blank), the condition
under which an entry is refused, and the sentence that says so.
"""

from __future__ import annotations

Rules = tuple[tuple[str, str, str, str], ...]


def _refused(kinds: str, condition: str) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds.split())
    return f"new.kind in ({listed}) and ({condition})" if kinds else condition


def sqlite_triggers(table: str, rules: Rules) -> list[str]:
    """Return a trigger for each rule, in SQLite's words."""
    return [
        f"create trigger {name} before insert on {table} "
        f"when {_refused(kinds, condition)} "
        f"begin select raise(abort, '{sentence}'); end"
        for name, kinds, condition, sentence in rules
    ]


def postgresql_function(table: str, rules: Rules) -> list[str]:
    """Return one function for all rules and its trigger, in PostgreSQL's words."""
    checks = "\n".join(
        f"if {_refused(kinds, condition)} then raise exception '{sentence}' "
        f"using errcode = '23514', constraint = '{name}'; end if;"
        for name, kinds, condition, sentence in rules
    )
    return [
        # Without statistics, as in a new ledger, it would read all of it each time.
        f"create function {table}_check() returns trigger language plpgsql "
        f"set enable_seqscan = off as $$ begin\n{checks}\nreturn new; end $$",
        f"create trigger {table}_check before insert on {table} "
        f"for each row execute function {table}_check()",
    ]
