"""Made-up secrets, each in a text of the kind in which such secrets are found.

Belongs here: `PLANTED`, pairs of a text and the parts of it that must not come out. None of them
was ever valid; they are put together at run time, so that no scanner takes this file for a leak.
"""

from typing import NamedTuple


class Plant(NamedTuple):
    text: str
    secrets: tuple[str, ...]


def plant(template: str, *parts: str) -> Plant:
    """`template` with `{}` filled by the secret that the parts join to."""
    secret = "".join(parts)
    return Plant(template.replace("{}", secret), (secret,))


_HEX32 = "0123456789abcdef" * 2
_WORD = "Zq7Lr2Vx9Tn4Bw6Ks1Mh8Pd3Gy5Cf0Ja"  # 32 mixed characters
_PEM = "MIIEpAIBAAKCAQEA7bq\nQk3vT0aZ8lJx5wE2\nrP9sYuN1"

PLANTED: tuple[Plant, ...] = (
    plant("boto3 could not sign with {} today", "AKIA", "IOSFODNN7EXAMPLE"),
    plant("temporary key {}.", "ASIA", "QWERTYUIOPASDFGH"),
    plant("aws_secret_access_key = {}", "wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"),
    plant("remote: {} was refused", "ghp_", _WORD, "4abc"),
    plant("using {}", "github_pat_", "11ABCDEFG0", _WORD),
    plant("url = 'https://{}@github.com/acme/jobs.git'", "gho_", _WORD),
    plant("PRIVATE-TOKEN: {}", "glpat-", _WORD[:20]),
    plant("slack said invalid_auth for {}", "xoxb-", "1234567890-", _WORD),
    plant("POST https://hooks.slack.com/services/{} -> 404", "T00000000/B00000000/", _WORD[:24]),
    plant("POST https://discord.com/api/webhooks/{}", "112233445566778899/", _WORD),
    plant("stripe.api_key = '{}'", "sk_live_", _WORD[:24]),
    plant("endpoint secret {}", "whsec_", _WORD),
    plant("Incorrect API key provided: {}. You can find", "sk-proj-", _WORD, _WORD),
    plant("x-api-key: {}", "sk-ant-api03-", _WORD, "-AA"),
    plant("401 for {}", "sk-or-v1-", _HEX32, _HEX32),
    plant("groq {}", "gsk_", _WORD, _WORD[:20]),
    plant("login with {}", "hf_", "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh"),
    plant("key={}&q=berlin", "AIza", "SyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU"),
    plant("refresh {}", "1//0", "gAbCdEfGhIjKlMnOpQrStUv"),
    plant("access {}", "ya29.", "a0AfH6SMB", _WORD),
    plant("client_secret.json: {}", "GOCSPX-", _WORD[:28]),
    plant("//packages.example.org/:_authToken={}", "npm_", _WORD, "9Zab"),
    plant("twine upload -u __token__ -p {}", "pypi-", "AgEIcHlwaS5vcmcC", _WORD),
    plant("docker login with {}", "dckr_pat_", _WORD[:27]),
    plant("sendgrid {}", "SG.", _WORD[:22], ".", _WORD, "abcdefghijk"),
    plant("mailgun {}", "key-", _HEX32),
    plant("mailchimp {}", _HEX32, "-us14"),
    plant("twilio {} unauthorised", "SK", _HEX32),
    plant("shop {}", "shpat_", _HEX32),
    plant("doctl auth {}", "dop_v1_", _HEX32, _HEX32),
    plant("vault {}", "hvs.", _WORD, _WORD[:10]),
    plant("grafana {}", "glsa_", _WORD, "_a1b2c3d4"),
    plant("databricks {}", "dapi", _HEX32),
    plant("sentry-cli {}", "sntrys_", "eyJpYXQiOjE", _WORD),
    plant("telegram {} blocked", "123456789:", "AAF", _WORD),
    plant("age {}", "AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    plant("AccountKey={};EndpointSuffix=core", "Zq7Lr2Vx9T" * 8, "abcdef", "=="),
    plant("session {} expired", "eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjMifQ.", "SflKxwRJSMeKK"),
    Plant(
        f"-----BEGIN RSA PRIVATE KEY-----\n{_PEM}\n-----END RSA PRIVATE KEY-----",
        tuple(_PEM.splitlines()),
    ),
    Plant(f"log was cut: -----BEGIN OPENSSH PRIVATE KEY-----\n{_PEM}", tuple(_PEM.splitlines())),
    Plant(
        '{"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADAN\\nBgkqhkiG9w0B\\n'
        '-----END PRIVATE KEY-----\\n"}',
        ("MIIEvQIBADAN", "BgkqhkiG9w0B"),
    ),
    plant("could not connect to postgresql://report:{}@db.acme.example:5432/sales", "hunter2!x"),
    plant("redis://:{}@cache:6379/0 timed out", "p4ss/with@signs"),
    plant("amqp://guest:{}@mq//", "tiger%21blood"),
    plant("dsn: https://{}@o0.ingest.sentry.io/12", _HEX32),
    plant("host=db user=etl password={} dbname=x", "s3cr3t-Pa55"),
    plant("Driver={ODBC};Server=db;Uid=etl;Pwd={};Encrypt=yes", "Tr0ub4dor&3"),
    plant("Authorization: Bearer {}", "opaque-", _WORD),
    plant("{'Authorization': 'Basic {}', 'Accept': '*/*'}", "ZXRsOmh1bnRlcjI="),
    plant("> Proxy-Authorization: Digest {}", "username=etl, response=6629fae49393a05397450978"),
    plant("Cookie: {}", "sessionid=38afes7a8; csrftoken=u32t4o3tb3gg43"),
    plant("Set-Cookie: {}; HttpOnly", "sid=31d4d96e407aad42"),
    plant("DB_PASSWORD={}", "plainvalue"),
    plant("export SMTP_PASS='{}'", "mail me maybe"),
    plant("MAPBOX={}", "pkEyJ1Ijoi9QweRtyUiopAsdF1"),
    plant('{"user": "etl", "password": "{}"}', "gr33n-Tea"),
    plant("config {'api_key': '{}'} is stale", "9f8e7d6c5b4a"),
    plant('body: "{\\"client_secret\\": \\"{}\\"}"', "oauth-zzz-111"),
    plant("python sync.py --password {} --all", "opensesame"),
    plant("['sync.py', '--api-key', '{}']", "0a1b2c3d4e"),
    plant("curl -u etl:{} https://api", "mellonfriend"),
    plant("password: {}", "correct horse battery staple"),
    plant("<password>{}</password>", "xml-is-fun-too"),
    plant("?user=x&token={}&page=2", "q1w2e3r4t5y6"),
    plant("https://blob/x?sv=2024&sig={}", "Zm9vYmFyYmF6cXV4%3D"),
    plant("mail to {} bounced", "jane.doe+ops", "@", "acme-corp.com"),
    plant('File "/home/{}/jobs/sync.py", line 3', "janedoe"),
    plant("/Users/{}/Library/x", "jane.doe"),
    plant(r"C:\Users\{}\AppData\x", "JDoe"),
    plant("paid with {} yesterday", "4111 1111 1111 1111"),
    plant("card=5500005555555559{}", ""),
)

CODE: tuple[Plant, ...] = (
    plant('PASSWORD = "{}"', "letmein-please"),
    plant("client = Client(api_key='{}', timeout=3)", "abcd-1234-efgh"),
    plant('DB: dict[str, str] = {"password": "{}"}', "swordfish9"),
    plant('os.environ["SECRET_KEY"] = "{}"', "django-insecure-xyz"),
    plant('token: str = os.environ.get("API_SECRET", "{}")', "fallback-value-1"),
    plant('headers = {"Authorization": "Bearer {}"}', "abc.def-123456"),
    plant('engine = create_engine("mysql://root:{}@localhost/db")', "toor1234"),
    plant("# ask {} for the data", "bob", "@", "acme.io"),
)
