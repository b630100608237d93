"""The simulated module's FTP client against a real server: settings, states, what fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from simulator.support.ftp_bench import FtpBench
from simulator.support.serial_host import Bench
from simulator.support.tls_peers import trust

from ublox_simulator.services.ftp.commands import Ftp

Make = Callable[..., FtpBench]
DATA = bytes(range(256)) * 20


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes benches; none may have crashed, and no rule of the wire been broken by the host."""
    made: list[FtpBench] = []

    def bench(**options: Any) -> FtpBench:
        made.append(FtpBench(**options))
        return made[-1]

    yield bench
    found = [(bench.module.crashes, bench.module.violations) for bench in made]
    for one in made:
        one.close()
    assert found == [([], [])] * len(found)


def test_settings_are_read_back_but_for_the_password(make: Make) -> None:
    bench = make()
    bench.ok('AT+UFTP=1,"ftp.example"')
    bench.ok('AT+UFTP=3,"secret"')
    bench.ok("AT+UFTP=8,1,2")
    bench.ok("AT+UFTP=5,600")
    shown = bench.ok("AT+UFTP?")
    assert '+UFTP: 1,"ftp.example"' in shown and "+UFTP: 8,1,2" in shown
    assert "+UFTP: 5,600" in shown
    assert not any("secret" in line for line in shown)
    bench.ok('AT+UFTP=0,"192.0.2.1"')
    assert '+UFTP: 1,""' in bench.ok("AT+UFTP?"), "an address clears the name"
    bench.ok("AT+UFTP=5")
    assert "+UFTP: 5,180" in bench.ok("AT+UFTP?")


@pytest.mark.parametrize(
    "line",
    [
        "AT+UFTP=9,1", 'AT+UFTP=0,"no address"', "AT+UFTP=7,0", "AT+UFTP=7,65536",
        "AT+UFTP=5,86401", "AT+UFTP=6,2", 'AT+UFTP=2,"' + "u" * 31 + '"', "AT+UFTP=8,1,5",
        'AT+UFTP=1,"' + "h" * 129 + '"', "AT+UFTPC=9", "AT+UFTPC=2", 'AT+UFTPC=4,"a"',
        'AT+UFTPC=10,"' + "d" * 257 + '"', 'AT+UFTPC=6,""',
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_once(line: str) -> None:
    bench = Bench("sara-r5", online=True)
    bench.ok("AT+CMEE=1")
    assert bench.at(line).final == "+CME ERROR: 50"
    bench.close()


def test_the_other_module_has_none_of_it() -> None:
    bench = Bench("lexi-r10", online=True)
    bench.ok("AT+CMEE=1")
    for line in ("AT+UFTP?", "AT+UFTPC=1", "AT+UFTPER"):
        assert bench.at(line).final == "+CME ERROR: 4"
    bench.close()


def test_only_time_and_mode_change_while_logged_in(make: Make) -> None:
    bench = make()
    bench.login()
    bench.ok("AT+UFTP=5,60")
    bench.ok("AT+UFTP=6,0")
    assert bench.at('AT+UFTP=2,"other"').final == "ERROR"
    assert bench.run("0") == "+UUFTPCR: 0,1"
    bench.ok('AT+UFTP=2,"other"')


@pytest.mark.parametrize("passive", [0, 1])
def test_operations_on_the_server(make: Make, passive: int) -> None:
    bench = make()
    bench.login(passive)
    assert bench.run('10, "sub"') == "+UUFTPCR: 10,1", "a blank after the comma is taken"
    assert bench.run('8,"sub"') == "+UUFTPCR: 8,1"
    bench.module.files.save("local", DATA)
    assert bench.run('5,"local","up"') == "+UUFTPCR: 5,1"
    assert (bench.folder / "sub" / "up").read_bytes() == DATA
    assert bench.run('3,"up","down"') == "+UUFTPCR: 3,1"
    assert bench.counted("14") == (b"down\r\n", "+UUFTPCR: 14,1")
    found, _ = bench.counted('13,"down"')
    assert b" 5120 " in found
    assert bench.run('4,"down","again"') == "+UUFTPCR: 4,1"
    assert bench.module.files.load("again") == DATA
    assert bench.run('2,"down"') == "+UUFTPCR: 2,1"
    assert bench.run('8,""') == "+UUFTPCR: 8,1"
    assert bench.run('11,"sub"') == "+UUFTPCR: 11,1"
    assert bench.counted("14") == (b"", "+UUFTPCR: 14,1")


def test_failures_have_class_and_code(make: Make) -> None:
    bench = make()
    assert bench.run("13") == "+UUFTPCR: 13,0"
    assert bench.error() == "+UFTPER: 1,33"
    assert bench.run("1") == "+UUFTPCR: 1,0"
    assert bench.error() == "+UFTPER: 1,4"
    bench.settings()
    bench.ok('AT+UFTP=3,"wrong"')
    assert bench.run("1") == "+UUFTPCR: 1,0"
    assert bench.error() == "+UFTPER: 1,34"
    bench.login()
    assert bench.error() == "+UFTPER: 0,0"
    for parameters, code in (('2,"nope"', 550), ('4,"nope","x"', 550), ('8,"nope"', 550)):
        assert bench.run(parameters).endswith(",0")
        assert bench.error() == f"+UFTPER: 1,{code}"
    assert bench.run('5,"nope","x"') == "+UUFTPCR: 5,0"
    assert bench.error() == "+UFTPER: 1,68"
    assert bench.at('AT+UFTPC=6,"nope"').final == "ERROR"
    assert bench.error() == "+UFTPER: 1,550"
    assert bench.run("0") == "+UUFTPCR: 0,1"
    bench.ok('AT+UFTP=1,"nowhere.example"')
    assert bench.run("1") == "+UUFTPCR: 1,0"
    assert bench.error() == "+UFTPER: 1,48"


def test_a_second_operation_is_refused_while_one_runs(make: Make) -> None:
    bench = make()
    bench.login()
    bench.server.stall()
    bench.ok('AT+UFTPC=10,"a"')
    assert bench.at('AT+UFTPC=10,"b"').final == "ERROR"
    assert bench.error() == "+UFTPER: 1,21"
    bench.server.stall(False)
    assert bench.expect_urc(60_000) == "+UUFTPCR: 10,1"


def test_a_silent_server_is_given_up_after_the_time_that_was_set(make: Make) -> None:
    bench = make()
    bench.login()
    bench.ok("AT+UFTPC=0")
    assert bench.expect_urc(60_000) == "+UUFTPCR: 0,1"
    bench.ok("AT+UFTP=5,40")
    bench.server.stall()
    began = bench.loop.time()
    assert bench.run("1") == "+UUFTPCR: 1,0"
    assert bench.error() == "+UFTPER: 1,31"
    assert 39 < bench.loop.time() - began < 42


def test_the_context_is_lost_in_a_transfer(make: Make) -> None:
    bench = make(downlink_bps=80_000)
    (bench.folder / "long").write_bytes(bytes(200_000))
    bench.login()
    bench.ok('AT+UFTPC=4,"long","local"')
    bench.pass_ms(3000)
    bench.ok("AT+UPSDA=0,4")
    assert [bench.expect_urc(60_000) for _ in range(2)] == ["+UUPSDD: 0", "+UUFTPCR: 4,0"]
    assert not bench.module.service(Ftp).logged_in
    assert 0 < bench.module.files.size("local") < 200_000


def test_a_server_that_vanishes(make: Make) -> None:
    bench = make()
    (bench.folder / "long").write_bytes(bytes(200_000))
    bench.login()
    bench.server.cut_after = 50_000
    assert bench.run('4,"long","local"') == "+UUFTPCR: 4,0"
    assert bench.error() == "+UFTPER: 1,62"
    assert not bench.module.service(Ftp).logged_in


def test_a_server_without_passive_mode(make: Make) -> None:
    bench = make(server={"without": ("PASV",)})
    (bench.folder / "one").write_bytes(DATA)
    bench.login()
    assert bench.run('4,"one","local"') == "+UUFTPCR: 4,0"
    assert bench.error() in ("+UFTPER: 1,500", "+UFTPER: 1,502")
    bench.ok("AT+UFTP=6,0")
    assert bench.run('4,"one","local"') == "+UUFTPCR: 4,1"
    assert bench.module.files.load("local") == DATA


def test_a_full_file_system_keeps_what_fits(make: Make) -> None:
    bench = make(file_space=9000)
    (bench.folder / "long").write_bytes(bytes(20_000))
    bench.login()
    assert bench.run('4,"long","local"') == "+UUFTPCR: 4,0"
    assert bench.error() == "+UFTPER: 1,70"
    assert bench.run('10,"works"') == "+UUFTPCR: 10,1"


def test_a_link_is_left_early_and_the_session_goes_on(make: Make) -> None:
    bench = make()
    (bench.folder / "long").write_bytes(DATA * 20)
    bench.login()
    bench.link('6,"long"')
    assert (DATA * 20).startswith(bench.passed(1000))
    assert bench.escape()[-3:] == ["DISCONNECT", "OK", "+UUFTPCR: 6,0"]
    assert bench.error() == "+UFTPER: 1,40"
    assert bench.run('10,"works"') == "+UUFTPCR: 10,1"


@pytest.mark.parametrize("level", [0, 3])
def test_tls_on_both_channels(make: Make, level: int) -> None:
    ca = trustme.CA()
    bench = make(server={"tls": ca.issue_cert("ftp.u-blox.com")})
    (bench.folder / "one").write_bytes(DATA)
    trust(bench, ca, level=level, profile=2, host="ftp.u-blox.com")
    bench.settings()
    bench.ok("AT+UFTP=8,1,2")
    bench.ok("AT+UFTP=12,1")
    assert bench.run("1") == "+UUFTPCR: 1,1", bench.error()
    assert bench.run('4,"one","local"') == "+UUFTPCR: 4,1", bench.error()
    assert bench.module.files.load("local") == DATA


def test_a_stranger_is_not_trusted(make: Make) -> None:
    bench = make(server={"tls": trustme.CA().issue_cert("ftp.u-blox.com")})
    trust(bench, trustme.CA(), level=3, profile=2, host="ftp.u-blox.com")
    bench.settings()
    bench.ok("AT+UFTP=8,1,2")
    assert bench.run("1") == "+UUFTPCR: 1,0"
    assert bench.error() == "+UFTPER: 8,63"
