"""Reading the hosts of an inventory (DESIGN 2)."""

import re
from collections.abc import Callable, Mapping

from flows.hosts import Claim, Host, Need, Role, Sql, Version
from flows.outcomes import Service
from flows.reading import Fields, Unfit, Value, attempt, nearest
from flows.scalars import address, flag, list_of, name, named, one_of, port, text, word_of
from flows.yamltext import Mapping as MappingNode
from flows.yamltext import Sequence

HOST_KEYS = (
    "address",
    "roles",
    "site",
    "version",
    "virtual",
    "members",
    "backends",
    "sql",
    "identity",
)
SQL_KEYS = ("port", "instance", "browser", "dac")
CLAIM_KEYS = ("sha256", "issuer", "server")
CLAIMABLE = (Service.TLS, Service.HTTPS, Service.HTTP, Service.GRPC, Service.SYSLOG)
"""Services that show something to claim: a certificate or a `Server` header."""
INSTANCE = re.compile(r"[A-Za-z_#][A-Za-z0-9_#$-]{0,31}")
_ROLES = frozenset(Role)


def read_hosts(value: Value) -> dict[str, Host]:
    """Read every host, by its name, then what hosts say of each other."""
    hosts: dict[str, Host] = {}
    seen: list[tuple[Host, Fields]] = []
    for key, entry in value.entries():
        check_key(value, key, "host")
        fields = entry.fields(HOST_KEYS)
        hosts[key] = _host(key, fields)
        seen.append((hosts[key], fields))
    if not hosts:
        raise Unfit("at least one host is needed")
    for host, fields in seen:
        _check_references(host, fields, hosts)
    return hosts


def version(value: Value) -> Version:
    """Read a version; an unquoted 2.10 would elsewhere have become 2.1, and is refused."""
    word = text(value)
    try:
        return Version(word)
    except ValueError as error:
        raise Unfit(str(error)) from None


def host_of(hosts: Mapping[str, Host], role: Role | None = None) -> Callable[[Value], str]:
    """Make a reader of names of hosts that exist and, if one is asked for, have a role."""

    def read(value: Value) -> str:
        word = word_of(value)
        host = hosts.get(word)
        if not hosts:
            return word  # none could be read: which of them exist, nobody can say
        if host is None:
            raise Unfit(f"unknown host '{named(word)}'{value.reading.did_you_mean(word, hosts)}")
        if role is not None and role not in host.roles:
            raise Unfit(f"host '{word}' does not have the role '{role}'")
        return word

    return read


def check_key(value: Value, key: str, what: str) -> None:
    """Note what is wrong with a name that stands as a key; `what` says what it names."""
    if key in _ROLES:
        value.refuse_key(key, f"'{key}' is the name of a role; a {what} needs another one")
    try:
        named(key)
    except Unfit as unfit:
        value.refuse_key(key, str(unfit))


def set_of(read: Callable[[Value], str]) -> Callable[[Value], tuple[str, ...]]:
    """Make a reader of lists that name nothing twice."""

    def read_all(value: Value) -> tuple[str, ...]:
        found: dict[str, str] = {}
        for item in value.items():
            word = attempt(item, read, None)
            if word is not None and word_of(item) in found:
                item.refuse(f"'{word}' is listed twice")
            elif word is not None:
                found[word_of(item)] = word
        return tuple(found.values())

    return read_all


def _host(key: str, fields: Fields) -> Host:
    no_roles: tuple[str, ...] = ()
    roles = frozenset(map(Role, fields.required("roles", set_of(_role), no_roles)))
    return Host(
        name=key,
        address=fields.required("address", address, ""),
        roles=roles,
        site=fields.optional("site", text, None),
        version=fields.optional("version", version, None),
        virtual=fields.optional("virtual", flag, default=False),
        members=fields.optional("members", set_of(name), ()),
        backends=fields.optional("backends", set_of(name), None),
        sql=_sql_of(roles, fields),
        identity=fields.optional("identity", _identity, {}),
    )


def _role(value: Value) -> Role:
    """Read a role. A misspelt one is noted and counts as the nearest: one slip, one problem."""
    try:
        return one_of(Role, "role")(value)
    except Unfit as unfit:
        meant = nearest(word_of(value), _ROLES)
        if meant is None:
            raise
        value.refuse(str(unfit))
        return Role(meant)


def _check_references(host: Host, fields: Fields, hosts: Mapping[str, Host]) -> None:
    if host.virtual and Role.AGENT in host.roles:
        fields.refuse("virtual", "a virtual host cannot have the role 'agent'")
    if "members" in fields:
        if not host.virtual:
            fields.refuse("members", "only a virtual host has members; add 'virtual: true'")
        for item in fields.items("members"):
            attempt(item, lambda value: _member(value, hosts), "")
    if "backends" in fields:
        if Role.CONSOLE not in host.roles:
            fields.refuse("backends", "only a console says which backends it calls")
        for item in fields.items("backends"):
            attempt(item, host_of(hosts, Role.BACKEND), "")


def _member(value: Value, hosts: Mapping[str, Host]) -> str:
    word = host_of(hosts)(value)
    if hosts[word].virtual:
        raise Unfit(f"member '{word}' is itself virtual")
    return word


def _sql_of(roles: frozenset[Role], fields: Fields) -> tuple[Sql, ...]:
    if "sql" in fields and Role.SQL_SERVER not in roles:
        fields.refuse("sql", "only a host with the role 'sql-server' has SQL instances")
    if Role.SQL_SERVER not in roles:
        return ()
    return fields.optional("sql", _sql, (Sql(),))


def _sql(value: Value) -> tuple[Sql, ...]:
    if isinstance(value.node, Sequence):
        found = list_of(_instance)(value)
        if not found:
            raise Unfit("at least one SQL instance is needed")
        return found
    return (_instance(value),)


def _instance(value: Value) -> Sql:
    fields = value.fields(SQL_KEYS)
    instance = fields.optional("instance", _instance_name, None)
    assumed = instance is not None and "port" not in fields
    return Sql(
        port=fields.optional("port", port, 1433),
        instance=instance,
        port_assumed=assumed,
        browser=fields.optional(
            "browser", one_of(Need, "need"), Need.REQUIRE if assumed else Need.ADVISE
        ),
        dac=fields.optional("dac", one_of(Need, "need"), Need.ADVISE),
    )


def _instance_name(value: Value) -> str:
    word = text(value)
    if not INSTANCE.fullmatch(word):
        raise Unfit(f"'{word}' is not the name of a SQL Server instance")
    return word


def _identity(value: Value) -> dict[Service, Claim]:
    claims: dict[Service, Claim] = {}
    fields = value.fields(tuple(map(str, CLAIMABLE)))
    for service in CLAIMABLE:
        claim = fields.optional(service, _claim, None)
        if claim is not None:
            claims[service] = claim
    return claims


def _claim(value: Value) -> Claim:
    fields = value.fields(CLAIM_KEYS)
    claim = Claim(
        sha256=fields.optional("sha256", _fingerprint, None),
        issuer=fields.optional("issuer", text, None),
        server=fields.optional("server", text, None),
    )
    if isinstance(value.node, MappingNode) and not value.node.entries:
        raise Unfit("a claim needs sha256, issuer or server")
    return claim


def _fingerprint(value: Value) -> str:
    word = text(value).replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", word):
        raise Unfit("a SHA-256 fingerprint has 64 hexadecimal digits")
    return word
