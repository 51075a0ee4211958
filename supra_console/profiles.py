"""Which servers does this user sign in to, and how?

Connection profiles live in one TOML file, `profiles.toml` in the user's configuration
folder (`SUPRA_PROFILES` names another):

    default = "cea"

    [profiles.cea]
    host = "db.cea.example"
    dbname = "supra"
    production = true
    sslmode = "verify-full"
    channel_binding = "require"
    require_auth = "scram-sha-256"

Every keyword of libpq may stand in a profile, beside the few of ours. What a profile does
not say is left to libpq: `PG*` variables, service files and `.pgpass` work as everywhere.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from supra_console.display import safe
from supra_console.errors import ConfigurationError, InsecureConnection
from supra_console.i18n import _

# libpq 18's keywords. Kept here because asking libpq means importing psycopg, which the
# first screen does not wait for; a test holds this list and libpq's own together.
LIBPQ_KEYWORDS = frozenset(
    {
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "dbname",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "host",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "oauth_client_id",
        "oauth_client_secret",
        "oauth_issuer",
        "oauth_scope",
        "options",
        "passfile",
        "password",
        "port",
        "replication",
        "require_auth",
        "requirepeer",
        "scram_client_key",
        "scram_server_key",
        "service",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslkeylogfile",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
        "user",
    }
)
SECRET_KEYWORDS = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
OWN_KEYS = frozenset({"description", "production", "tenant", "users"})

# What a production profile must ask for: nobody in between, no weaker way to sign in.
PRODUCTION_DEMANDS: Mapping[str, str] = MappingProxyType(
    {"sslmode": "verify-full", "channel_binding": "require", "require_auth": "scram-sha-256"}
)

# The name of the profile that says nothing and leaves all to libpq.
ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to sign in.

    Attributes:
        name: what the user calls it.
        parameters: libpq keywords, as given; secrets among them do not show in `repr`.
        production: real customers behind it; shown in the header, held to the strictest connection.
        tenant: the utility a DBA starts in, by slug or id; nobody else may choose.
        users: login roles offered on the connect screen.
        description: a line for the connect screen.
    """

    name: str
    parameters: Mapping[str, str] = field(repr=False)
    production: bool = False
    tenant: str | None = None
    users: tuple[str, ...] = ()
    description: str = ""

    @property
    def user(self) -> str | None:
        """The login role, by the profile or `PGUSER`; None lets libpq take the system user."""
        return self.parameters.get("user") or os.environ.get("PGUSER") or None

    @property
    def address(self) -> str:
        """Where it leads, for people: `host:port/dbname`, or the name of the service."""
        service = self.parameters.get("service") or os.environ.get("PGSERVICE")
        host = self.parameters.get("host") or self.parameters.get("hostaddr") or os.environ.get("PGHOST")
        if service and not host:
            return f"service={service}"
        port = self.parameters.get("port") or os.environ.get("PGPORT") or "5432"
        database = self.parameters.get("dbname") or os.environ.get("PGDATABASE") or self.user or ""
        return f"{host or 'localhost'}:{port}/{database}"

    def check(self) -> None:
        """Hold a production profile to what production demands.

        Raises:
            InsecureConnection: naming what is missing or weaker.
            ConfigurationError: when it carries a secret.
        """
        if not self.production:
            return
        secrets = sorted(SECRET_KEYWORDS & self.parameters.keys())
        if secrets:
            raise ConfigurationError(
                _("Production profile {profile} holds a secret: {keys}").format(
                    profile=safe(self.name), keys=", ".join(secrets)
                ),
                _("Take it out of the file; use .pgpass, the keyring or the prompt."),
            )
        missing = [f"{key}={value}" for key, value in PRODUCTION_DEMANDS.items() if self.parameters.get(key) != value]
        if missing:
            raise InsecureConnection(
                _("Production profile {profile} lacks {settings}").format(
                    profile=safe(self.name), settings=", ".join(missing)
                ),
                _("Add the missing settings to the profile; production is not opened without them."),
            )


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of a file, in its order, and the one to take when none is named."""

    path: Path
    profiles: Mapping[str, Profile]
    default: str | None = None

    def __iter__(self) -> Iterator[Profile]:
        return iter(self.profiles.values())

    def __len__(self) -> int:
        return len(self.profiles)

    def get(self, name: str | None = None) -> Profile:
        """The profile of that name; without one `SUPRA_PROFILE`, the default, or the only one.

        A machine without any profile gets the one that leaves everything to libpq.

        Raises:
            ConfigurationError: unknown name (the nearest is suggested), or no way to choose.
        """
        name = name or os.environ.get("SUPRA_PROFILE") or self.default
        if name is None:
            if len(self.profiles) == 1:
                return next(iter(self.profiles.values()))
            if not self.profiles:
                return Profile(ENVIRONMENT, MappingProxyType({}))
            raise ConfigurationError(
                _("There are several profiles and none is the default"),
                _("Choose one with --profile: {names}").format(names=", ".join(map(safe, self.profiles))),
            )
        if name in self.profiles:
            return self.profiles[name]
        if name == ENVIRONMENT:
            return Profile(ENVIRONMENT, MappingProxyType({}))
        raise ConfigurationError(
            _("There is no profile {name}").format(name=safe(name)),
            _suggestion(name, self.profiles) or _("Profiles are kept in {path}.").format(path=safe(self.path)),
        )


def profiles_path() -> Path:
    """Where the profiles are kept: `SUPRA_PROFILES`, or the user's configuration folder."""
    override = os.environ.get("SUPRA_PROFILES")
    if override:
        return Path(override).expanduser()
    from platformdirs import user_config_path

    return user_config_path("supra-console") / "profiles.toml"


def load_profiles(path: Path | None = None) -> Profiles:
    """Read the profiles; a file that does not exist holds none.

    Raises:
        ConfigurationError: not TOML, an unknown key (with the nearest known one), a value of the
            wrong type, or secrets in a file that others can read.
    """
    path = path or profiles_path()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except FileNotFoundError:
        return Profiles(path, MappingProxyType({}))
    except OSError as error:
        raise _wrong(path, _("it cannot be read ({reason})").format(reason=error.strerror)) from None
    import tomllib  # not before it is known that there is a file

    try:
        document = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise _wrong(path, _("it is not UTF-8 text")) from None
    except tomllib.TOMLDecodeError as error:
        # The parser's words name line and column; the line itself, which may hold a secret, is not quoted.
        place = str(error).rpartition("(")[2].rstrip(")")
        raise _wrong(path, _("it is not TOML ({place})").format(place=safe(place))) from None

    for key in document:
        if key not in {"default", "profiles"}:
            raise _unknown(path, key, {"default", "profiles"})
    tables = document.get("profiles", {})
    default = document.get("default")
    if not isinstance(tables, dict) or not isinstance(default, str | None):
        raise _wrong(path, _("`profiles` must be tables and `default` the name of one"))
    profiles = {name: _profile(path, name, table) for name, table in tables.items()}
    if default is not None and default not in profiles:
        raise _wrong(path, _("its default {name} is not among its profiles").format(name=safe(default)))
    exposed = os.name == "posix" and stat.S_IMODE(mode) & 0o077
    if exposed and any(SECRET_KEYWORDS & profile.parameters.keys() for profile in profiles.values()):
        raise ConfigurationError(
            _("{path} holds a password and others can read it").format(path=safe(path)),
            _("Run: chmod 600 {path}").format(path=safe(path)),
        )
    return Profiles(path, MappingProxyType(profiles), default)


def save_profile(name: str, values: Mapping[str, str | int | bool | list[str]], path: Path | None = None) -> bool:
    """Write one profile, keeping the others, their order and the user's comments.

    The file is replaced in one step and readable by its owner alone.

    Returns:
        Whether anything had to be written.
    """
    import tempfile

    import tomlkit

    path = (path or profiles_path()).resolve()
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    tables = document.setdefault("profiles", tomlkit.table(is_super_table=True))
    if name in tables and tables[name].unwrap() == dict(values):
        return False
    table = tables.setdefault(name, tomlkit.table())
    for key in [key for key in table if key not in values]:
        del table[key]
    for key, value in values.items():
        if key not in table or table[key] != value:
            table[key] = value

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".profiles-")  # 0600 from the start
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        load_profiles(Path(draft))  # never replace a file by one that cannot be read
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return True


def _profile(path: Path, name: str, table: Any) -> Profile:
    where = f"profiles.{safe(name)}"
    if not isinstance(table, dict):
        raise _wrong(path, _("{where} must be a table").format(where=where))
    parameters: dict[str, str] = {}
    for key, value in table.items():
        if key not in LIBPQ_KEYWORDS | OWN_KEYS:
            raise _unknown(path, f"{name}.{key}", LIBPQ_KEYWORDS | OWN_KEYS)
        if key in OWN_KEYS:
            continue
        if not isinstance(value, str | int) or (isinstance(value, str) and "\0" in value):
            raise _wrong(path, _("{where}.{key} must be text or a whole number").format(where=where, key=key))
        parameters[key] = str(int(value)) if isinstance(value, bool) else str(value)
    production, tenant = table.get("production", False), table.get("tenant")
    users, description = table.get("users", []), table.get("description", "")
    if not isinstance(production, bool):
        raise _wrong(path, _("{where}.production must be true or false").format(where=where))
    if not isinstance(tenant, str | None) or not isinstance(description, str):
        raise _wrong(path, _("{where}: tenant and description must be text").format(where=where))
    if not isinstance(users, list) or not all(isinstance(user, str) for user in users):
        raise _wrong(path, _("{where}.users must be a list of names").format(where=where))
    return Profile(name, MappingProxyType(parameters), production, tenant, tuple(users), description)


def _wrong(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(_("{path}: {what}").format(path=safe(path), what=what))


def _unknown(path: Path, key: str, known: frozenset[str] | set[str]) -> ConfigurationError:
    error = _wrong(path, _("unknown key {key}").format(key=safe(key)))
    error.advice = _suggestion(key.rpartition(".")[2], known) or error.advice
    return error


def _suggestion(word: str, known: Mapping[str, Any] | frozenset[str] | set[str]) -> str:
    """`Did you mean …?`, or nothing when nothing is near."""
    import difflib

    near = difflib.get_close_matches(word.lower(), sorted(known), n=1)
    return _("Did you mean {name}?").format(name=safe(near[0])) if near else ""
