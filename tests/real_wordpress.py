"""A real WordPress for as long as a test needs it: Debian's packages, a temporary folder, loopback only.

Needs the Debian packages `wordpress`, `mariadb-server`, `php-cli` and `php-mysql`; works as root or not, and without
systemd. The database listens on a socket in the folder only. Nothing outside the folder is written, and both servers
are stopped by their process ids, however the test ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests

SOURCE = Path("/usr/share/wordpress")
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # where Debian keeps servers, not on everybody's path
PATIENCE = 20.0

CONFIG = """<?php
define('DB_NAME', 'freeze'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_CHARSET', 'utf8mb4');
define('DB_HOST', 'localhost:%(socket)s'); define('DB_COLLATE', '');
define('AUTH_KEY', '%(salt)s'); define('SECURE_AUTH_KEY', '%(salt)s'); define('LOGGED_IN_KEY', '%(salt)s');
define('NONCE_KEY', '%(salt)s'); define('AUTH_SALT', '%(salt)s'); define('SECURE_AUTH_SALT', '%(salt)s');
define('LOGGED_IN_SALT', '%(salt)s'); define('NONCE_SALT', '%(salt)s');
define('WP_HOME', '%(url)s'); define('WP_SITEURL', '%(url)s');
// WordPress offers application passwords over plain http only to a site that says it is local.
define('WP_ENVIRONMENT_TYPE', 'local');
// No test may depend on when the site's own clockwork happens to run, unless it asks for that, and nothing may leave
// this machine.
define('DISABLE_WP_CRON', %(still)s); define('WP_HTTP_BLOCK_EXTERNAL', true);
define('WP_ACCESSIBLE_HOSTS', '127.0.0.1'); define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

INSTALL = """<?php
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
(new mysqli('localhost', 'root', '', '', 0, $argv[1]))->query('CREATE DATABASE freeze CHARACTER SET utf8mb4');
$_SERVER['HTTP_HOST'] = $argv[2];
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define('WP_INSTALLING', true);
function wp_new_blog_notification() {}  // there is nobody to send mail to
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Anyshire County Council', 'admin', 'admin@anyshire.invalid', false, '', wp_generate_password(24));
wp_insert_user(['user_login' => 'editor', 'user_email' => 'editor@anyshire.invalid', 'role' => 'editor',
  'user_pass' => wp_generate_password(24)]);
update_option('timezone_string', 'Europe/London');
update_option('permalink_structure', '/%postname%/');
flush_rewrite_rules();
$given = [];
foreach (['admin', 'editor'] as $login) {
  $id = get_user_by('login', $login)->ID;
  $made = WP_Application_Passwords::create_new_application_password($id, ['name' => 'freeze-guard']);
  $given[$login] = $made[0];
}
echo json_encode(['passwords' => $given, 'version' => get_bloginfo('version')]);
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running WordPress: where it is, its version, and an application password for each of its two users."""

    url: str
    version: str
    passwords: dict[str, str]
    root: Path

    def forgotten(self, ids: Iterable[int]) -> list[int]:
        """Those of these posts that WordPress will not publish by itself: asked of PHP, since REST shows no events."""
        return list(
            json.loads(
                self.php(
                    "echo json_encode(array_values(array_filter(json_decode($argv[1]), "
                    "fn($id) => !wp_next_scheduled('publish_future_post', [$id]))));",
                    json.dumps(list(ids)),
                )
            )
        )

    def overdue(self, post: int, at: datetime) -> None:
        """Make a scheduled post one whose time (UTC) has passed without a visit to the site."""
        self.php(
            "global $wpdb; $wpdb->update($wpdb->posts, ['post_date' => get_date_from_gmt($argv[2]), "
            "'post_date_gmt' => $argv[2]], ['ID' => (int) $argv[1]]);",
            str(post),
            f"{at:%Y-%m-%d %H:%M:%S}",
        )

    def php(self, code: str, *arguments: str) -> str:
        """What a few lines of PHP print inside this WordPress."""
        begin = f"$_SERVER['HTTP_HOST'] = '127.0.0.1'; require '{self.root}/wp-load.php'; "
        return _run(self.root, "php", "-r", begin + code, *arguments)

    def session(self, user: str = "admin") -> requests.Session:
        """A plain HTTP session signed in as `user`, to look at the site past the adapter."""
        made = requests.Session()
        made.trust_env = False
        made.auth = (user, self.passwords[user])
        return made


def missing() -> list[str]:
    """The Debian packages this machine would need first."""
    found = {
        "wordpress": (SOURCE / "wp-settings.php").exists(),
        "mariadb-server": bool(_which("mariadbd") and _which("mariadb-install-db")),
        "php-cli": bool(_which("php")),
    }
    if found["php-cli"]:
        modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.split()
        found["php-mysql"] = "mysqli" in modules
    return [package for package, there in found.items() if not there]


@contextlib.contextmanager
def running(*, clockwork: bool = False) -> Iterator[Site]:
    """A freshly installed site, gone again afterwards; with `clockwork` its visitors make it publish what is due."""
    # A socket's path may have 107 characters, fewer than a test's own folder can need.
    folder = Path(tempfile.mkdtemp(prefix="fg-wp-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = folder / "db.sock"
        _database(stack, folder, database)
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        root = folder / "site"
        shutil.copytree(SOURCE, root)  # a copy, since WordPress finds its settings beside its real files
        (root / "wp-content" / "uploads").mkdir(exist_ok=True)
        values = {
            "socket": database,
            "salt": secrets.token_hex(32),
            "url": url,
            "still": "false" if clockwork else "true",
        }
        (root / "wp-config.php").write_text(CONFIG % values, encoding="utf-8")
        (root / "install.php").write_text(INSTALL, encoding="utf-8")
        facts = json.loads(_run(folder, "php", str(root / "install.php"), str(database), f"127.0.0.1:{port}"))
        (root / "install.php").unlink()
        _start(stack, folder, "php", ["php", "-S", f"127.0.0.1:{port}", "-t", str(root)])
        site = Site(url, facts["version"], facts["passwords"], root)
        _until(lambda: _answers(site), "WordPress", folder)
        yield site


def _database(stack: contextlib.ExitStack, folder: Path, at: Path) -> None:
    data = folder / "db"
    as_root = ["--user=root"] if os.geteuid() == 0 else []  # as root MariaDB starts only when told that this is meant
    _run(
        folder,
        _which("mariadb-install-db") or "",
        "--no-defaults",
        f"--datadir={data}",
        *as_root,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    )
    arguments = ["--no-defaults", f"--datadir={data}", f"--socket={at}", f"--pid-file={folder / 'db.pid'}", *as_root]
    quick = ["--skip-networking", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=2"]
    _start(stack, folder, "mariadb", [_which("mariadbd") or "", *arguments, *quick])
    _until(lambda: _accepts(at), "MariaDB", folder)


def _start(stack: contextlib.ExitStack, folder: Path, name: str, command: list[str]) -> None:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_env(),
            start_new_session=True,
        )
    stack.callback(_stop, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # PHP's workers outlive the parent that made them, so the whole group that was started here is told.
    for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, env=_env(), capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout[-1500:]} {done.stderr[-1500:]}")
    return done.stdout


def _until(ready: Callable[[], bool], name: str, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            logs = "\n".join(p.read_text(errors="replace")[-1500:] for p in sorted(folder.glob("*.log")))
            raise RuntimeError(f"{name} did not answer within {PATIENCE:.0f} s.\n{logs}")
        time.sleep(0.05)


def _accepts(at: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(at)) == 0


def _answers(site: Site) -> bool:
    try:
        with site.session() as session, session.get(f"{site.url}/wp-json/wp/v2/users/me", timeout=10) as answer:
            return answer.status_code == 200
    except requests.ConnectionError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _which(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SBIN}")


def _env() -> dict[str, str]:
    # A plain `php -S` answers one call at a time; four workers let an adapter's threads be seen working.
    return {**os.environ, "LC_ALL": "C.UTF-8", "PHP_CLI_SERVER_WORKERS": "4"}
