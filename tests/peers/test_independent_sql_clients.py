"""SQL Server and its Browser cannot be had here, so what stands in for them is judged by clients.

None of them knows Gatewatch: Microsoft's own driver, FreeTDS, python-tds and nmap. What they take
for a SQL Server that refuses a login has done all of the protocol that comes before a login.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from probe.wire.ssrp import Instance
from probe.wire.tds import Encryption
from tests.fakes.certificates import authority_pem
from tests.fakes.ssrp import SsrpServer
from tests.fakes.streams import Address
from tests.fakes.tds import SQL_2019, TdsServer
from tests.peers.programs import own_address

ROOT = Path(__file__).parent.parent.parent
SQL, BROWSER, INSTANCE_PORT = 1433, 1434, 49172
LONGEST_SECONDS = 60
SES = Instance("SQL-01", "SES", "15.0.4298.1", transports=(("tcp", str(INSTANCE_PORT)),))

# Drivers block, and a test's server runs in its event loop: each has a process of its own.
MICROSOFT = """
import sys, mssql_python
try:
    mssql_python.connect(sys.argv[1] + ";Database=ses;UID=probe;PWD=probe", timeout=5)
except mssql_python.Error as error:
    print(error)
"""
FREETDS = """
import sys, pymssql
server, port, encryption = sys.argv[1:]
login = {"user": "probe", "password": "probe", "login_timeout": 5}
try:
    pymssql.connect(server, port=port, encryption=encryption, **login)
except pymssql.Error as error:
    print(error)
"""
PYTHON_TDS = """
import sys
from pytds.instance_browser_client import tds7_get_instances
print(tds7_get_instances(sys.argv[1], timeout=5))
"""
NMAP_IN_A_NETWORK_OF_ITS_OWN = """
import asyncio
from tests.fakes.ssrp import SsrpServer
from tests.fakes.streams import Address

async def main():
    up = await asyncio.create_subprocess_exec("ip", "link", "set", "lo", "up")
    await up.wait()
    async with SsrpServer.knowing(bind=Address("127.0.0.1", 1434)):
        nmap = await asyncio.create_subprocess_exec(
            *"nmap -sU -sV --version-intensity 1 -Pn -n -p 1434 127.0.0.1".split()
        )
        await nmap.wait()

asyncio.run(main())
"""

microsoft = pytest.mark.needs("/usr/lib/*/libltdl.so.7", "/usr/lib/*/libgssapi_krb5.so.2")


async def said_by(*command: str, **variables: str) -> str:
    """Run a client to its end, and give all that it printed."""
    process = await asyncio.create_subprocess_exec(
        "timeout",
        str(LONGEST_SECONDS),
        *command,
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return printed.decode(errors="replace")


async def said_by_python(script: str, *arguments: str, **variables: str) -> str:
    return await said_by(sys.executable, "-c", script, *arguments, **variables)


async def said_by_microsoft(address: Address, encrypt: str, **variables: str) -> str:
    server = f"Server={address.host},{address.port};Encrypt={encrypt};TrustServerCertificate=yes"
    return await said_by_python(MICROSOFT, server, **variables)


async def said_by_freetds(address: Address, encryption: str) -> str:
    return await said_by_python(FREETDS, address.host, str(address.port), encryption)


ENCRYPTED_OR_NOT = [
    (encryption, encrypt)
    for encryption in (Encryption.OFF, Encryption.REQUIRED, Encryption.NOT_SUPPORTED)
    for encrypt in ("no", "yes")
    if (encryption, encrypt) != (Encryption.NOT_SUPPORTED, "yes")
]


@microsoft
@pytest.mark.parametrize(("encryption", "encrypt"), ENCRYPTED_OR_NOT)
async def test_microsofts_driver_is_refused_its_login(encryption: Encryption, encrypt: str) -> None:
    async with TdsServer.answering(encryption=encryption) as address:
        said = await said_by_microsoft(address, encrypt)

    assert "[SQL Server]Login failed for user 'probe'." in said


@pytest.fixture
def authority(tmp_path: Path) -> str:
    """Give the file of the authority that issued the servers' certificates."""
    file = tmp_path / "authority.pem"
    file.write_bytes(authority_pem())
    return str(file)


@microsoft
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("localhost", "[SQL Server]Login failed for user 'probe'."),
        ("elsewhere.example", "subject name does not match host name"),
    ],
)
@pytest.mark.parametrize("encrypt", ["yes", "strict"])
async def test_microsofts_driver_verifies_the_certificate(
    encrypt: str, name: str, said: str, authority: str
) -> None:
    server = TdsServer.strict() if encrypt == "strict" else TdsServer.answering()
    async with server as (host, port):
        wanted = f"Server={host},{port};Encrypt={encrypt};HostNameInCertificate={name}"

        assert said in await said_by_python(MICROSOFT, wanted, SSL_CERT_FILE=authority)


@microsoft
async def test_microsofts_driver_trusts_no_strange_authority() -> None:
    async with TdsServer.strict() as address:
        said = await said_by_microsoft(address, "strict")

    assert "certificate verify failed" in said


CLASHES = [
    (TdsServer.answering(encryption=Encryption.NOT_SUPPORTED), "yes", "Encryption not supported"),
    (TdsServer.answering(), "strict", "unable to establish connection"),
    (TdsServer.strict(), "no", "an error was encountered during handshakes before login"),
    (TdsServer.strict(), "yes", "an error was encountered during handshakes before login"),
]


@microsoft
@pytest.mark.parametrize(("server", "encrypt", "expected"), CLASHES)
async def test_microsofts_driver_ends_before_a_login_where_encryption_clashes(
    server: TdsServer, encrypt: str, expected: str
) -> None:
    async with server as address:
        said = await said_by_microsoft(address, encrypt)

    assert expected in said
    assert "Login failed" not in said


@pytest.mark.parametrize(
    ("encryption", "asked"),
    [
        *[(Encryption.OFF, asked) for asked in ("off", "request", "require")],
        *[(Encryption.REQUIRED, asked) for asked in ("off", "request", "require")],
        *[(Encryption.NOT_SUPPORTED, asked) for asked in ("off", "request")],
    ],
)
async def test_freetds_is_refused_its_login(encryption: Encryption, asked: str) -> None:
    async with TdsServer.answering(encryption=encryption) as address:
        said = await said_by_freetds(address, asked)

    assert said.startswith("(18456, b\"Login failed for user 'probe'.")


async def test_freetds_ends_before_a_login_where_encryption_clashes() -> None:
    async with TdsServer.answering(encryption=Encryption.NOT_SUPPORTED) as address:
        without_encryption = await said_by_freetds(address, "require")
    async with TdsServer.strict() as address:
        strict = await said_by_freetds(address, "request")

    assert without_encryption.startswith("(20002, ")
    assert "Unexpected EOF from the server" in strict


@microsoft
async def test_microsofts_driver_follows_the_browser_to_an_instance() -> None:
    host = own_address()
    browser = SsrpServer.knowing((SES,), bind=Address(host, BROWSER))
    async with browser, TdsServer.answering(bind=Address(host, INSTANCE_PORT)):
        said = await said_by_python(MICROSOFT, rf"Server={host}\SES;Encrypt=no")

    assert "[SQL Server]Login failed for user 'probe'." in said
    assert browser.received.get_nowait() == b"\x04ses\0"


@microsoft
async def test_microsofts_driver_finds_no_instance_that_the_browser_does_not_know() -> None:
    host = own_address()
    async with SsrpServer.knowing((SES,), bind=Address(host, BROWSER)):
        said = await said_by_python(MICROSOFT, rf"Server={host}\OTHER;Encrypt=no")

    assert "Error Locating Server/Instance Specified" in said


async def test_freetds_follows_the_browser_to_an_instance() -> None:
    host = own_address()
    browser = SsrpServer.knowing((SES,), bind=Address(host, BROWSER))
    async with browser, TdsServer.answering(bind=Address(host, INSTANCE_PORT)):
        said = await said_by_python(FREETDS, rf"{host}\SES", "1433", "request")

    assert said.startswith("(18456, ")
    assert browser.received.get_nowait() == b"\x04SES\0"


async def test_python_tds_reads_the_list_of_instances() -> None:
    host = own_address()
    async with SsrpServer.knowing((SES,), bind=Address(host, BROWSER)):
        said = await said_by_python(PYTHON_TDS, host)

    assert f"'Version': '15.0.4298.1', 'tcp': '{INSTANCE_PORT}'" in said


@pytest.mark.needs("nmap")
@pytest.mark.parametrize(
    ("version", "named"),
    [
        (SQL_2019, "Microsoft SQL Server 2019 15.00.4298"),
        ("13.0.5026", "Microsoft SQL Server 2016 13.00.5026"),
    ],
)
async def test_nmap_names_the_server_and_its_version(version: str, named: str) -> None:
    # At this intensity nmap asks for a SQL Server on its usual port only.
    async with TdsServer.answering(version, bind=Address(own_address(), SQL)) as (host, port):
        said = await said_by(
            *("nmap", "--unprivileged", "-sT", "-sV", "--version-intensity", "1"),
            *("-Pn", "-n", "-p", str(port), host),
        )

    assert named in said


@pytest.mark.needs("nmap", "ip")
async def test_nmap_names_the_browser_and_what_it_tells() -> None:
    # A UDP scan is for root only: who is not becomes so in a user namespace.
    become_root = ["--map-root-user"] if os.geteuid() != 0 else []
    said = await said_by(
        *("unshare", "--net", *become_root),
        *(sys.executable, "-c", NMAP_IN_A_NETWORK_OF_ITS_OWN),
    )

    assert "ms-sql-m Microsoft SQL Server 15.0.4298.1 (ServerName: SQL-01; TCPPort: 1433)" in said
