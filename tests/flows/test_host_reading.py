"""Hosts as they are read (DESIGN 2); what is refused of them is in test_refusals.py."""

import pytest

from flows.errors import Refused
from flows.hosts import Claim, Host, Need, Role, Sql, Version
from flows.outcomes import Service
from tests.flows.plan_tables import DATA, inventory_of
from tests.flows.texts import estate


def host(entry: str, name: str = "a") -> Host:
    """Read one host, beside a backend and its virtual address."""
    return estate(f"""
        {name}: {entry}
        be: {{address: 10.0.0.1, roles: [backend]}}
        vip: {{address: 10.0.0.2, roles: [backend], virtual: true, members: [be]}}
    """).hosts[name]


def test_a_host_needs_an_address_and_its_roles_only() -> None:
    assert host("{address: 10.0.0.3, roles: []}") == Host("a", "10.0.0.3", frozenset())


def test_a_host_may_have_several_roles() -> None:
    found = host("{address: a.acme, roles: [backend, agent-handler, agent]}")

    assert found.roles == {Role.BACKEND, Role.AGENT_HANDLER, Role.AGENT}


def test_a_host_says_where_it_stands_and_what_it_runs() -> None:
    found = host('{address: a.acme, roles: [agent], site: dc1, version: "2.7.1"}')

    assert (found.site, found.version) == ("dc1", Version("2.7.1"))


def test_a_console_says_whom_it_calls() -> None:
    assert host("{address: a.acme, roles: [console]}").backends is None
    assert host("{address: a.acme, roles: [console], backends: [vip]}").backends == ("vip",)
    assert host("{address: a.acme, roles: [console], backends: []}").backends == ()


def test_a_virtual_host_has_members_and_no_probe() -> None:
    hosts = inventory_of(DATA / "design.yaml").hosts

    assert (hosts["ses"].virtual, hosts["ses"].members) == (True, ("be-01", "be-03"))
    assert not hosts["ses"].has_probe


ADVISED = {"browser": Need.ADVISE, "dac": Need.ADVISE}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", (Sql(),)),
        (", sql: {}", (Sql(),)),
        (", sql: {port: 1500}", (Sql(port=1500),)),
        (
            ", sql: {instance: SES}",
            (Sql(instance="SES", port_assumed=True, browser=Need.REQUIRE),),
        ),
        (
            ", sql: {instance: SES, browser: ignore}",
            (Sql(instance="SES", port_assumed=True, browser=Need.IGNORE),),
        ),
        (", sql: {instance: SES, port: 1433}", (Sql(instance="SES", browser=Need.ADVISE),)),
        (", sql: {dac: require}", (Sql(dac=Need.REQUIRE),)),
        (", sql: [{}, {port: 2}]", (Sql(), Sql(port=2))),
    ],
)
def test_a_sql_server_has_an_instance_or_several(sql: str, expected: tuple[Sql, ...]) -> None:
    assert host(f"{{address: a.acme, roles: [sql-server]{sql}}}").sql == expected


def test_other_hosts_have_none() -> None:
    assert host("{address: a.acme, roles: [backend]}").sql == ()


def test_claims_stand_by_service() -> None:
    fingerprint = ":".join(["AB"] * 32)

    found = host(
        "{address: a.acme, roles: [backend], identity: {https: {issuer: 'CN=Acme*',"
        f" server: 'Microsoft-HTTPAPI/*'}}, grpc: {{sha256: '{fingerprint}'}}}}}}"
    )

    assert found.identity == {
        Service.HTTPS: Claim(issuer="CN=Acme*", server="Microsoft-HTTPAPI/*"),
        Service.GRPC: Claim(sha256="ab" * 32),
    }


def test_a_misspelt_role_counts_as_the_nearest_so_that_it_is_one_problem() -> None:
    with pytest.raises(Refused) as refused:
        host("{address: a.acme, roles: [sql-servr], sql: {port: 1}}")

    assert [problem.text for problem in refused.value.problems] == [
        "unknown role 'sql-servr' (did you mean 'sql-server'?)"
    ]


def test_a_bad_name_is_one_problem_however_often_it_is_used() -> None:
    with pytest.raises(Refused) as refused:
        estate("""
            be_1: {address: 10.0.0.3, roles: [backend]}
            con: {address: 10.0.0.4, roles: [console], backends: [be_2]}
        """)

    assert [(problem.path, problem.line) for problem in refused.value.problems] == [
        ("hosts.be_1", 3),
        ("hosts.con.backends[0]", 4),
    ]
