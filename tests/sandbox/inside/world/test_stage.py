"""A program in a recorded world meets that night's peers, files, variables and clock."""

import base64
from pathlib import Path

from sandbox.world import World, WorldFile, WorldPeer, WorldTurn
from tests.support.stage import play
from tests.support.tapes import exchange, world

GET = "from urllib.request import urlopen\nprint(urlopen('http://api.example/a?x=1').read())"


def test_a_recorded_peer_answers_under_its_name(tmp_path: Path) -> None:
    played = play(world(exchange("/a?x=1", b"rows")), GET, tmp_path)
    assert (played.out, played.err) == ("b'rows'\n", "")
    assert played.missed == []


def test_what_is_not_recorded_is_a_distinct_error_and_is_told(tmp_path: Path) -> None:
    played = play(world(exchange("/other", b"rows")), GET, tmp_path)
    assert "HTTP Error 599: Not on the tape" in played.err
    assert played.missed == ["GET api.example/a"]


def test_a_host_that_was_never_asked_is_told_too(tmp_path: Path) -> None:
    program = GET.replace("api.example", "new.example")
    played = play(world(exchange("/a?x=1", b"rows")), program, tmp_path)
    assert "599" in played.err
    assert played.missed == ["GET new.example/a"]


def test_a_name_that_was_not_known_that_night_is_not_known(tmp_path: Path) -> None:
    program = GET.replace("api.example", "gone.example")
    played = play(world(unknown_names=("gone.example",)), program, tmp_path)
    assert "Name or service not known" in played.err


def test_tls_is_verified_as_ever(tmp_path: Path) -> None:
    night = world(exchange("/a?x=1", b"rows"))
    peer = night.peers[0].model_copy(update={"tls": True, "port": 443})
    played = play(
        night.model_copy(update={"peers": (peer,)}), GET.replace("http:", "https:"), tmp_path
    )
    assert (played.out, played.err) == ("b'rows'\n", "")


def test_a_refused_connection_is_refused(tmp_path: Path) -> None:
    peer = WorldPeer(host="db.example", address="192.0.2.9", port=5432, error="TimeoutError")
    program = "import socket\nsocket.create_connection(('db.example', 5432))"
    assert "timed out" in play(World(peers=(peer,)), program, tmp_path).err


def test_a_conversation_that_is_not_http_is_spoken_again(tmp_path: Path) -> None:
    turns = [(False, b"220 hi\r\n"), (True, b"EHLO me\r\n"), (False, b"250 ok\r\n")]
    peer = WorldPeer(
        host="mail.example",
        address="192.0.2.9",
        port=25,
        turns=tuple(WorldTurn(is_ours=ours, data=data) for ours, data in turns),
    )
    program = (
        "import socket\nlink = socket.create_connection(('mail.example', 25))\n"
        "print(link.recv(99))\nlink.sendall(b'{} me\\r\\n')\nprint(link.recv(99))"
    )
    good = play(World(peers=(peer,)), program.format("EHLO"), tmp_path)
    assert good.out == "b'220 hi\\r\\n'\nb'250 ok\\r\\n'\n"
    other = play(World(peers=(peer,)), program.format("HELO"), tmp_path)
    assert other.out == "b'220 hi\\r\\n'\nb''\n"
    assert other.missed == ["mail.example:25: HELO me"]


def test_what_is_sent_is_told(tmp_path: Path) -> None:
    night = world(exchange("/in", b"ok", method="POST"))
    program = "from urllib.request import urlopen\nurlopen('http://api.example/in', b'rows')"
    (report,) = play(night, program, tmp_path).reports
    assert report["sent"] == {
        "method": "POST",
        "host": "api.example",
        "port": 80,
        "target": "/in",
        "body": base64.urlsafe_b64encode(b"rows").decode(),
    }


def test_what_is_said_to_other_peers_is_told_turn_by_turn(tmp_path: Path) -> None:
    turns = (WorldTurn(is_ours=True, data=b"SET a\r\n"), WorldTurn(is_ours=False, data=b"+OK\r\n"))
    peer = WorldPeer(host="db.example", address="192.0.2.8", port=6379, turns=(*turns, turns[0]))
    program = (
        "import socket, time\nlink = socket.create_connection(('db.example', 6379))\n"
        "link.sendall(b'SET a\\r\\n')\nlink.recv(9)\nlink.sendall(b'SET b\\r\\n')\nlink.recv(9)"
    )
    played = play(World(peers=(peer,)), program, tmp_path)
    turns_told = [report["said"] for report in played.reports if "said" in report]
    assert [(host, port, base64.urlsafe_b64decode(data)) for _, host, port, data in turns_told] == [
        ("db.example", 6379, b"SET a\r\n"),
        ("db.example", 6379, b"SET b\r\n"),
    ]


def test_the_clock_starts_at_that_moment(tmp_path: Path) -> None:
    program = (
        "import time, pickle\nfrom datetime import date, datetime, timezone\n"
        "print(date.today(), datetime.now().isoformat()[:16], time.time() // 100)\n"
        "print(datetime.now(timezone.utc).tzinfo, time.strftime('%Y-%m-%d %Z'))\n"
        "print(pickle.loads(pickle.dumps(datetime.now())).year, time.localtime().tm_year)\n"
    )
    night = World(started_at=1_709_164_800.0, timezone="Europe/Vienna")
    played = play(night, program, tmp_path)
    assert played.err == ""
    assert played.out.splitlines() == [
        "2024-02-29 2024-02-29T01:00 17091648.0",
        "UTC 2024-02-29 CET",
        "2024 2024",
    ]


def test_files_and_variables_are_there_and_no_process_that_the_program_never_made(
    tmp_path: Path,
) -> None:
    file = WorldFile(path=str(tmp_path / "in" / "a.csv"), data=b"\xffrows", mtime_ns=5_000_000_000)
    program = (
        "import os\n"
        f"print(open({file.path!r}, 'rb').read(), os.path.getmtime({file.path!r}))\n"
        "print(os.environ['REGION'])\n"
        "try:\n    os.wait()\nexcept ChildProcessError:\n    print('no child')\n"
    )
    night = World(files=(file,), environment={"REGION": "north", "PATH": "/nowhere"})
    played = play(night, program, tmp_path)
    assert played.out.splitlines() == ["b'\\xffrows' 5.0", "north", "no child"]


def test_a_file_that_is_known_by_name_alone_is_there_and_cannot_be_opened(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text("rows")
    files = tuple(
        WorldFile(path=f"{tmp_path}/{n}.csv", is_name_only=True, size=5 << 30, mtime_ns=7 * 10**9)
        for n in ("new", "old")
    )
    program = (
        f"import os\nfor n in ('new', 'old'):\n    s = os.stat(f'{tmp_path}/{{n}}.csv')\n"
        "    print(oct(s.st_mode & 0o777), s.st_size, int(s.st_mtime))"
    )
    played = play(World(files=files), program, tmp_path)
    assert played.out.startswith(f"0o0 {5 << 30} 7\n")
    assert played.out.split()[4] == "4"
    assert old.read_text() == "rows"


def test_a_name_that_was_asked_in_vain_has_no_address_of_another_night(tmp_path: Path) -> None:
    night = world(exchange(), unknown_names=("api.example",))
    program = "import socket\ntry:\n    socket.getaddrinfo('api.example', 80)\n"
    played = play(night, program + "except OSError as error:\n    print(error.errno)", tmp_path)
    assert played.out == "-2\n"


def test_a_host_has_the_address_of_its_own_night_first(tmp_path: Path) -> None:
    own, other = (WorldPeer(host="a.example", address=f"192.0.2.{n}", port=80) for n in (1, 2))
    program = "import socket\nprint(socket.gethostbyname('a.example'))"
    assert play(World(peers=(own, other)), program, tmp_path).out == "192.0.2.1\n"


def test_bytes_go_in_as_url_safe_base64() -> None:
    fields = WorldFile(path="/a", data=b"\xff\xfe\xfb").model_dump(mode="json")
    assert base64.urlsafe_b64decode(fields["data"]) == b"\xff\xfe\xfb"


def test_a_folder_that_nothing_lies_in_is_there(tmp_path: Path) -> None:
    place = tmp_path / "srv" / "out"
    night = world(inner_folders=(str(place),))
    assert play(night, f"print(open({str(place / 'a')!r}, 'w').write('x'))", tmp_path).out == "1\n"
