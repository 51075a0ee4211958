"""Profiles: what may stand in the file, what is refused and how, what a second writer keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from supra_console import passwords, profiles
from supra_console.errors import ConfigurationError, InsecureConnection
from supra_console.profiles import ENVIRONMENT, LIBPQ_KEYWORDS, Profile, load_profiles, save_profile

PRODUCTION = 'production = true\nsslmode = "verify-full"\nchannel_binding = "require"\nrequire_auth = "scram-sha-256"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SUPRA_PROFILE", "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "profiles.toml"
    monkeypatch.setenv("SUPRA_PROFILES", str(path))
    return path


def test_the_keywords_are_those_of_libpq() -> None:
    from psycopg import pq

    assert {option.keyword.decode() for option in pq.Conninfo.get_defaults()} <= LIBPQ_KEYWORDS


def test_a_profile_holds_any_keyword_of_libpq_and_ours(file: Path) -> None:
    file.write_text(
        '[profiles.cea]\nhost = "db"\nport = 6432\nkeepalives = true\ntenant = "cea-queretaro"\n'
        'description = "Querétaro"\nusers = ["ana", "beto"]\n'
    )
    profile = load_profiles().get("cea")
    assert profile.parameters == {"host": "db", "port": "6432", "keepalives": "1"}
    assert (profile.tenant, profile.users, profile.production) == ("cea-queretaro", ("ana", "beto"), False)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('[profiles.cea]\nhots = "db"\n', "hots"),
        ('[profile.cea]\nhost = "db"\n', "profile"),
        ("[profiles.cea]\nport = 1.5\n", "port"),
        ("[profiles.cea]\nhost = []\n", "host"),
        ('[profiles.cea]\nproduction = "yes"\n', "production"),
        ("[profiles.cea]\nusers = [1]\n", "users"),
        ("profiles = 3\n", "profiles"),
        ("[profiles]\ncea = 3\n", "profiles.cea"),
        ('default = "x"\n[profiles.cea]\n', "x"),
        ("[profiles.cea\n", "line 1"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(file: Path, text: str, part: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_profiles()
    assert part in caught.value.title
    assert str(file) in caught.value.title


@pytest.mark.parametrize(("wrong", "meant"), [("hots", "host"), ("ssl_mode", "sslmode"), ("tennant", "tenant")])
def test_a_misspelt_key_suggests_the_nearest(file: Path, wrong: str, meant: str) -> None:
    file.write_text(f'[profiles.cea]\n{wrong} = "x"\n')
    with pytest.raises(ConfigurationError) as caught:
        load_profiles()
    assert meant in caught.value.advice


def test_a_line_that_is_not_toml_is_not_quoted(file: Path) -> None:
    file.write_text("[profiles.cea]\npassword = 'hunter2\n")
    with pytest.raises(ConfigurationError) as caught:
        load_profiles()
    assert "hunter2" not in str(caught.value)


def test_what_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError):
        load_profiles()


def test_a_folder_in_the_files_place_is_refused(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigurationError):
        load_profiles()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_password_others_can_read_is_refused(file: Path, mode: int) -> None:
    file.write_text('[profiles.cea]\npassword = "hunter2"\n')
    file.chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        load_profiles()
    assert "chmod 600" in caught.value.advice
    assert "hunter2" not in str(caught.value)


def test_a_password_of_ones_own_is_accepted_and_not_shown(file: Path) -> None:
    file.write_text('[profiles.cea]\npassword = "hunter2"\n')
    file.chmod(0o600)
    profile = load_profiles().get()
    profile.check()
    assert profile.parameters["password"] == "hunter2"
    assert "hunter2" not in repr(profile)


@pytest.mark.parametrize("secret", ["password", "sslpassword", "scram_client_key"])
def test_production_takes_no_secret_from_the_file(file: Path, secret: str) -> None:
    file.write_text(f'[profiles.cea]\n{PRODUCTION}{secret} = "hunter2"\n')
    file.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        load_profiles().get("cea").check()
    assert secret in caught.value.title


@pytest.mark.parametrize("demand", ["sslmode=verify-full", "channel_binding=require", "require_auth=scram-sha-256"])
def test_production_names_each_demand_that_is_missing(file: Path, demand: str) -> None:
    key, value = demand.split("=")
    file.write_text(f"[profiles.cea]\n{PRODUCTION}".replace(f'{key} = "{value}"', f'{key} = "prefer"'))
    with pytest.raises(InsecureConnection) as caught:
        load_profiles().get("cea").check()
    assert demand in caught.value.title
    others = {f"{k}={v}" for k, v in profiles.PRODUCTION_DEMANDS.items()} - {demand}
    assert not any(other in caught.value.title for other in others)


def test_production_with_all_demands_is_accepted(file: Path) -> None:
    file.write_text(f"[profiles.cea]\n{PRODUCTION}")
    load_profiles().get("cea").check()


def test_the_environment_does_not_stand_in_for_a_demand(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    file.write_text(f"[profiles.cea]\n{PRODUCTION}".replace('sslmode = "verify-full"\n', ""))
    with pytest.raises(InsecureConnection):
        load_profiles().get("cea").check()


def test_without_any_profile_everything_is_left_to_libpq(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    profile = load_profiles().get()
    assert (profile.name, dict(profile.parameters)) == (ENVIRONMENT, {})
    assert profile.address.startswith("db.example:5432/")


def test_the_profile_named_counts_then_the_variable_then_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('default = "b"\n[profiles.a]\n[profiles.b]\n[profiles.c]\n')
    loaded = load_profiles()
    assert loaded.get().name == "b"
    monkeypatch.setenv("SUPRA_PROFILE", "c")
    assert loaded.get().name == "c"
    assert loaded.get("a").name == "a"


def test_several_profiles_and_no_default_ask_for_a_choice(file: Path) -> None:
    file.write_text("[profiles.a]\n[profiles.b]\n")
    with pytest.raises(ConfigurationError) as caught:
        load_profiles().get()
    assert "a, b" in caught.value.advice


def test_an_unknown_profile_suggests_the_nearest(file: Path) -> None:
    file.write_text("[profiles.demo]\n")
    with pytest.raises(ConfigurationError) as caught:
        load_profiles().get("dmeo")
    assert "demo" in caught.value.advice


def test_saving_keeps_other_profiles_comments_and_order(file: Path) -> None:
    file.write_text('# mine\ndefault = "cea"\n\n[profiles.cea]  # the real one\nhost = "db"  # do not touch\n')
    assert save_profile("demo", {"host": "127.0.0.1", "port": 5432, "users": ["demo_clerk"]})
    text = file.read_text()
    assert text.startswith('# mine\ndefault = "cea"\n')
    assert "# the real one" in text
    assert "# do not touch" in text
    assert [profile.name for profile in load_profiles()] == ["cea", "demo"]
    assert load_profiles().get("demo").parameters["port"] == "5432"
    assert file.stat().st_mode & 0o777 == 0o600


def test_saving_the_same_again_writes_nothing(file: Path) -> None:
    values: dict[str, str | int | bool | list[str]] = {"host": "127.0.0.1", "port": 5432}
    assert save_profile("demo", values)
    before = file.stat()
    assert not save_profile("demo", values)
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_saving_changes_only_what_changed_and_drops_what_is_gone(file: Path) -> None:
    file.write_text('[profiles.demo]\nhost = "old"\nport = 1  # local\nsslmode = "disable"\n')
    save_profile("demo", {"host": "new", "port": 1})
    assert dict(load_profiles().get("demo").parameters) == {"host": "new", "port": "1"}
    assert "# local" in file.read_text()


def test_saving_never_replaces_a_good_file_by_one_that_cannot_be_read(file: Path) -> None:
    file.write_text('[profiles.cea]\nhost = "db"\n')
    with pytest.raises(ConfigurationError):
        save_profile("demo", {"hots": "x"})
    assert file.read_text() == '[profiles.cea]\nhost = "db"\n'
    assert list(file.parent.iterdir()) == [file]


def test_saving_writes_through_a_link_to_the_real_file(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text('[profiles.cea]\nhost = "db"\n')
    file.symlink_to(real)
    save_profile("demo", {"host": "x"})
    assert file.is_symlink()
    assert "demo" in real.read_text()


@pytest.mark.parametrize("backend", ["fail", "null"])
def test_only_a_real_keyring_is_trusted(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    import keyring

    module = importlib.import_module(f"keyring.backends.{backend}")
    monkeypatch.setattr(keyring, "get_keyring", module.Keyring)
    profile = Profile("cea", {"host": "db"})
    assert passwords.trusted_keyring() is None
    assert passwords.stored(profile, "ana") is None
    assert not passwords.store(profile, "ana", "secret")
    passwords.forget(profile, "ana")


def test_a_keyring_in_a_chain_is_found_and_asked_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.backends import chainer, fail

    class Desktop(KeyringBackend):
        """Stands for the desktop's own; kept in a dictionary."""

        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    Desktop.__module__ = "keyring.backends.SecretService"
    chain = chainer.ChainerBackend()  # type: ignore[no-untyped-call]
    members = [fail.Keyring(), Desktop()]  # type: ignore[no-untyped-call]
    monkeypatch.setattr(chainer.ChainerBackend, "backends", members)
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    here, elsewhere = Profile("cea", {"host": "db"}), Profile("cea", {"host": "evil"})

    assert passwords.store(here, "ana", "secret")

    assert passwords.stored(here, "ana") == "secret"
    assert passwords.stored(elsewhere, "ana") is None
    passwords.forget(here, "ana")
    assert passwords.stored(here, "ana") is None
