"""Secrets go, and nothing else does; lines stay where they were."""

from __future__ import annotations

import random
import string
from base64 import b64encode

import pytest

from satchel.context.ingest import mask_named
from satchel.context.ingest.mask import mask
from satchel.context.ingest.mask_named import entropy

SEEDED = random.Random(7)
LETTERS = string.ascii_letters + string.digits


def made(length: int, alphabet: str = LETTERS) -> str:
    return "".join(SEEDED.choice(alphabet) for _ in range(length))


def pem(kind: str) -> str:
    body = "\n".join(made(64) for _ in range(8))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


# What stands before the secret, the secret, what stands after it. None is a real one.
SECRETS = {
    "aws key id": ("AWS_ACCESS_KEY_ID=", "AKIA" + made(16, "BCDFGHJKLMNPQRSTVWXZ234567"), ""),
    "aws key": ("aws_secret_access_key = ", made(40), ""),
    "github": ('t = "', "ghp_" + made(36), '"'),
    "slack": ("SLACK=", f"xoxb-{made(12, string.digits)}-{made(12, string.digits)}-{made(24)}", ""),
    "stripe": ("pay(", "sk_live_" + made(24), ")"),
    "google": ("", "AIza" + made(35), ""),
    "openai": ("OPENAI=", f"sk-{made(20)}T3BlbkFJ{made(20)}", ""),
    "npm": ("//registry.npmjs.org/:_authToken=", "npm_" + made(36), ""),
    "rsa": ("", pem("RSA "), ""),
    "openssh": ("", pem("OPENSSH "), ""),
    "postgres": ("DB=postgres://admin:", "s3cr3tP4ssw0rdX".replace("ss", "zz"), "@db:5432/app"),
    "basic": ("https://bob:", "Zx9hQ2mLk8", "@internal.host/x"),
    "python": ('password = "', "Tr0ub4dor&3xkq9Z", '"'),
    "told": ("the root password on db-2 is ", "gL9!vaRq2", ", ask Ida"),
    "told key": ("Our api key for the map is ", "ab12cd34ef56", "."),
    "env": ("DB_PASSWORD=", "Tr0ub4dor3xkq9Z", ""),
    "yaml": ("  client_secret: ", "Tr0ub4dor3xkq9Zw", ""),
    "json": ('"apiKey": "', made(32), '"'),
    "django": ("SECRET_KEY = 'django-insecure-", made(50), "'"),
    "stand-in word in an address": ("postgres://admin:", "hunter2secret", "@db.internal/x"),
    "stand-in word": ("password: ", "hunter2secret", ""),
    "sign of a variable": ('password = "', "Winter$1887kalt", '"'),
    "told plainly": ("The password of the staging box is ", "hunter2secret", "."),
    "told in a heading": ("Password for the staging box: ", "Kx93hfQ2pl", ""),
    "told as a change": ("the admin password was changed to ", "Kx93hfQ2pl", ""),
    "german": ("Das Passwort ist ", "Kx93hfQ2pl", ""),
    "german compound": ("Datenbankpasswort für prod ist ", "Sommer2024!geheim", ""),
    "german kennwort": ("Das Kennwort lautet: ", "Kx93hfQ2pl", ", bitte merken"),
    "german plural": ("Die Passwörter sind ab sofort ", "Kx93hfQ2pl", " und keine"),
    "german login": ("Zugangsdaten für den Server: root / ", "Kx93hfQ2pl", ""),
    "german key": ("Der Schlüssel für die Karten-API lautet ", "ab12cd34ef56", "."),
    "mysql": ("mysql -u root -p", "S3cr3tPass99", " app"),
    "curl": ("curl -s -u admin:", "Kx93hfQ2pl", " https://x/y"),
    "curl over lines": ("curl -s \\\n  --user 'admin:", "Kx93hfQ2pl", "' https://x/y"),
    "option": ("backup --password=", "Kx93hfQ2pl", " now"),
    "option apart": ("backup --db-password ", "hunter2secret", " now"),
    "environment": ("PGPASSWORD=", "Kx93hfQ2pl", " psql -h db"),
    "told shortly": ("the db pass is ", "hunter2secret", ", ask Ida"),
    "told without a verb": ("log in with password ", "hunter2secret", "."),
    "told the other way": ("use ", "hunter2secret", " as password"),
    "german shortly": ("PW: ", "Kx93hfQ2pl", ""),
    "german the other way": ("", "Kx93hfQ2pl", " ist das neue Passwort"),
    "sql": ("CREATE USER app IDENTIFIED BY '", "hunter2secret", "';"),
    "header": ("Authorization: Basic ", b64encode(b"admin:Kx93hfQ2pl").decode(), ""),
    "sshpass": ("sshpass -p ", "Kx93hfQ2pl", " ssh a@b"),
    "redis": ("redis-cli -h db -a ", "Kx93hfQ2pl", " ping"),
    "docker": ("docker login -u me -p ", "Kx93hfQ2pl", " ghcr.io"),
    "login": ("login for staging: user demo, pass ", "Winter2024x", ""),
    "login in german": ("Benutzer: demo / pw ", "Winter2024x", ", nur intern"),
    "key of any service": ("my key is ", "sk-proj-" + made(28), ""),
    "key of any service, short": ("use ", "sk-" + made(32), " for it"),
    "azure": ("AccountKey=", made(86) + "==", ";Suffix=x"),
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_masked_and_its_lines_stay(kind: str) -> None:
    before, secret, after = SECRETS[kind]
    text = f"first\n{before}{secret}{after}\nlast 🎒\n"
    masked, count = mask(text)
    assert count == 1
    assert "[masked " in masked
    assert not any(line in masked for line in secret.split("\n") if "-----" not in line)
    assert masked.split("\n")[0] == "first"
    assert masked.split("\n")[-2] == "last 🎒"
    assert masked.count("\n") == text.count("\n")


def test_a_key_that_any_service_may_have_given_is_named_after_none() -> None:
    key = "sk-" + made(48)
    assert mask(f"the key is {key} now")[0] == "the key is [masked api key] now"


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme"',
        "the token is Base64URL encoded and the password is SHA256-hashed",
        "The key is a UUID4, the secret is rotated every 30d, tokens are JWT/RS256",
        "the api key is X-API-Key1 and the token is sha256(b1+b2c3d)",
        'password = os.environ["APP_PASSWORD"]',
        'password = "your-password-here-1"',
        "password: ${DB_PASSWORD_2024}",
        'password="{{ vault.password1 }}"',
        "token = get_token_from_request2(request)",
        "secret_name = self.SecretNameOfTheThing2",
        'digest = "9dfa2dc040fba4d79bf67c24b678348df530333d2469d34b5e0f9d7f5cf0788f"',
        'id = "550e8400-e29b-41d4-a716-446655440000"',
        "commit aa0efc9e221e023c21ca0ff17f1b1300a3d4ebe2",
        "https://user:password@example.com/",
        "http://localhost:8080/path@x",
        'client.login(username="testclient", password="password")',
        "def test_token_refresh_returns_401_after_3600_seconds(self): pass",
        "AKIAIOSFODNN7EXAMPLE",
        'client.login(username="alice", password="testpass123")',
        "postgres://user:secret1234@localhost/test",
        "password=newpassword1",
        "password: UserPassword2,",
        "https://user:p%C3%A4ssword@example.com/",
        "form.confirm_password: c3e35b0671004c7bbd9fa9b9654744d7",
        "/reset?token=email-token&next=http%3A%2F%2Flocalhost%3A3000%2Fa1b2",
        'users = [{ user: "admin", pass: "s3cr3t!" }]',
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
        "all tests pass and it is Python3.11; utf8 is the password encoding",
        "Das Passwort ist mindestens 12 Zeichen lang und bcrypt-gehasht",
        "the password is SHA256-hashed, then Argon2 with 64bits",
        "mysql -P 3306 -p app; curl -u user:password1 https://x",
        "backup --password=$BACKUP_PASSWORD2 --password ${P2}xyz --password <password1>",
        "keyboard = 'QWERTZUIOP1Asdfghjkl'",
        "class sk-circle-fade-dot and task-3f9a2b7c8d1e4f60a5b9c8d7 of disk-3f9a2b7c8d1e4f60a5b9",
        "the user may pass 3 arguments2, users pass v2 of it; login and pass node20 tests",
        "integrity: sha512-not, key=lambda row: row[0]",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == (text, 0)


def test_a_masked_text_has_nothing_left_to_mask() -> None:
    text = "\n".join(before + secret + after for before, secret, after in SECRETS.values())
    masked, count = mask(text)
    assert count == len(SECRETS)
    assert mask(masked) == (masked, 0)


def test_a_comment_cannot_talk_the_scanner_out_of_it() -> None:
    text = f't = "ghp_{made(36)}"  # kingfisher:ignore gitleaks:allow nosec\n'
    assert mask(text)[1] == 1


def test_entropy_is_in_bits_a_character() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


@pytest.mark.parametrize(
    "unit",
    [
        "pass ",
        "password is ",
        "curl -u ",
        "mysql -p",
        "--password ",
        "passwort a b ",
        "key: ",
        "://:",
    ],
)
def test_a_hostile_text_is_read_in_a_moment(unit: str) -> None:
    assert mask(unit * 4_000)[1] == 0


def test_every_mark_is_among_those_that_are_looked_for_first() -> None:
    commands = [mark for mark, _ in mask_named._COMMANDS]
    marks = [*mask_named._MARKS, *mask_named._TELLING, *mask_named._SHORT, *mask_named._BEHIND]
    for mark in (*marks, *commands):
        assert any(first in mark for first in mask_named._ANY_MARK)
