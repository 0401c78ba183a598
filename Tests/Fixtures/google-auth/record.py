"""Records what Google's own Python library signs and sends for each kind of credentials.

    python3 -m venv /tmp/google-auth
    /tmp/google-auth/bin/pip install google-auth==2.63.0 requests cryptography
    /tmp/google-auth/bin/python record.py

Writes the credential files and recorded.json next to this script, the same bytes in every run;
last recorded with google-auth 2.63.0. Nothing is sent: answers are canned, the clock stands still,
pauses are noted instead of waited for, files are read from the case. The key in
service_account.json is kept; without that file a new one is made.
"""

import base64
import contextlib
import datetime
import importlib
import io
import json
import logging
import os
import pathlib
import stat
import subprocess
import tempfile
import urllib.parse
from unittest import mock

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google import auth
from google.auth import (
    _helpers,
    aws,
    compute_engine,
    exceptions,
    external_account_authorized_user,
    iam,
    identity_pool,
    impersonated_credentials,
    jwt,
    pluggable,
    transport,
    version,
)
from google.auth.compute_engine import _metadata
from google.auth.transport import requests as requests_transport
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account

HERE = pathlib.Path(__file__).resolve().parent
NOW = datetime.datetime(2026, 1, 31, 12)
PYTHON = "3.11.7"  # Told in x-goog-api-client, whichever Python runs this.
API_HOST = "ml.googleapis.com"
API_URL = f"https://{API_HOST}/v1/projects/acme/operations"

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
READ_ONLY = "https://www.googleapis.com/auth/cloud-platform.read-only"
WATCHER = "watcher@acme.iam.gserviceaccount.com"
CANCELLER = "canceller@acme.iam.gserviceaccount.com"
DELEGATES = ["first@acme.iam.gserviceaccount.com", "second@acme.iam.gserviceaccount.com"]
OTHER_UNIVERSE = "universe.example"

# What only this library sends: headers, and requests by a part of their URL.
LIBRARY_ONLY_HEADERS = ["x-goog-api-client", "x-allowed-locations"]
LIBRARY_ONLY_REQUESTS = [
    "/allowedLocations",
    "https://cloudresourcemanager.googleapis.com/v1/projects/",
    "/?recursive=true",
]


# Credential files.


def private_key():
    """The key of service_account.json; a new one if there is no such file."""
    file = HERE / "service_account.json"
    if file.exists():
        return json.loads(file.read_text())["private_key"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def iam_url(account, domain="googleapis.com"):
    return (
        f"https://iamcredentials.{domain}/v1/projects/-/serviceAccounts/"
        f"{account}:generateAccessToken"
    )


SERVICE_ACCOUNT = {
    "type": "service_account",
    "project_id": "acme",
    "private_key_id": "0123456789abcdef0123456789abcdef01234567",
    "private_key": private_key(),
    "client_email": WATCHER,
    "client_id": "100000000000000000001",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
    "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
    "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/"
    + urllib.parse.quote(WATCHER, safe=""),
    "universe_domain": "googleapis.com",
}

AUTHORIZED_USER = {
    "account": "",
    "client_id": "1234567890-client.apps.googleusercontent.com",
    "client_secret": "test-client-secret",
    "refresh_token": "1//test-refresh-token",
    "type": "authorized_user",
    "universe_domain": "googleapis.com",
}

POOL = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme"


def external(source, provider="oidc", token_type="oauth:token-type:jwt", **rest):
    return {
        "universe_domain": "googleapis.com",
        "type": "external_account",
        "audience": f"{POOL}/providers/{provider}",
        "subject_token_type": f"urn:ietf:params:{token_type}",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": source,
        **rest,
    }


TEXT_FILE = {"file": "/etc/opwatchd/subject_token"}
JSON_FORMAT = {"type": "json", "subject_token_field_name": "access_token"}
URL = (
    "http://169.254.169.254/metadata/identity/oauth2/token"
    "?api-version=2018-02-01&resource=api://acme"
)
COMMAND = "/usr/libexec/opwatchd/subject-token --pool=acme 'two words'"
OUTPUT_FILE = "/var/lib/opwatchd/subject_token.json"
AWS_SOURCE = {
    "environment_id": "aws1",
    "region_url": "http://169.254.169.254/latest/meta-data/placement/availability-zone",
    "url": "http://169.254.169.254/latest/meta-data/iam/security-credentials",
    "regional_cred_verification_url": "https://sts.{region}.amazonaws.com"
    "?Action=GetCallerIdentity&Version=2011-06-15",
}
IMDSV2 = {"imdsv2_session_token_url": "http://169.254.169.254/latest/api/token"}
AWS = {"provider": "aws", "token_type": "aws:token-type:aws4_request"}
IMPERSONATING = {"service_account_impersonation_url": iam_url(WATCHER)}
WORKFORCE = {
    **external(TEXT_FILE, token_type="oauth:token-type:id_token"),
    "audience": "//iam.googleapis.com/locations/global/workforcePools/acme/providers/okta",
    "workforce_pool_user_project": "acme-billing",
}
IMPERSONATED = {
    "delegates": DELEGATES,
    "service_account_impersonation_url": iam_url(CANCELLER),
    "source_credentials": AUTHORIZED_USER,
    "type": "impersonated_service_account",
}

FILES = {
    "service_account": SERVICE_ACCOUNT,
    "service_account_quota_project": {**SERVICE_ACCOUNT, "quota_project_id": "acme-quota"},
    "service_account_token_uri": {**SERVICE_ACCOUNT, "token_uri": "https://oauth2.acme.test/token"},
    "service_account_universe_domain": {**SERVICE_ACCOUNT, "universe_domain": OTHER_UNIVERSE},
    "authorized_user": AUTHORIZED_USER,
    "authorized_user_quota_project": {**AUTHORIZED_USER, "quota_project_id": "acme-quota"},
    "external_file_text": external(TEXT_FILE),
    "external_file_json": external({"file": "/etc/opwatchd/token.json", "format": JSON_FORMAT}),
    "external_url": external({"url": URL, "headers": {"Metadata": "True"}, "format": JSON_FORMAT}),
    "external_url_text": external({"url": "http://127.0.0.1:8080/subject-token"}),
    "external_executable": external({"executable": {"command": COMMAND, "timeout_millis": 5000}}),
    "external_executable_output_file": external(
        {"executable": {"command": COMMAND, "output_file": OUTPUT_FILE}}
    ),
    "external_executable_impersonated": external(
        {"executable": {"command": COMMAND}}, **IMPERSONATING
    ),
    "external_aws": external({**AWS_SOURCE, **IMDSV2}, **AWS),
    "external_aws_imdsv1": external(AWS_SOURCE, **AWS),
    "external_impersonated": external(
        TEXT_FILE, **IMPERSONATING, service_account_impersonation={"token_lifetime_seconds": 1200}
    ),
    "external_impersonated_quota_project": external(
        TEXT_FILE, **IMPERSONATING, quota_project_id="acme-quota"
    ),
    "external_client": external(TEXT_FILE, client_id="acme-client", client_secret="a secret: +/="),
    "external_quota_project": external(TEXT_FILE, quota_project_id="acme-quota"),
    "external_workforce": WORKFORCE,
    "external_workforce_client": {
        **WORKFORCE,
        "client_id": "acme-client",
        "client_secret": "test-client-secret",
    },
    "external_account_authorized_user": {
        "type": "external_account_authorized_user",
        "audience": WORKFORCE["audience"],
        "refresh_token": "test-workforce-refresh-token",
        "token_url": "https://sts.googleapis.com/v1/oauthtoken",
        "token_info_url": "https://sts.googleapis.com/v1/introspect",
        "client_id": "acme-client",
        "client_secret": "test-client-secret",
        "quota_project_id": "acme-quota",
    },
    "impersonated_service_account": IMPERSONATED,
    "impersonated_service_account_quota_project": {
        **IMPERSONATED,
        "delegates": [],
        "quota_project_id": "acme-target-quota",
        "source_credentials": {**AUTHORIZED_USER, "quota_project_id": "acme-source-quota"},
    },
    "impersonated_service_account_key_source": {
        "service_account_impersonation_url": iam_url(CANCELLER),
        "source_credentials": SERVICE_ACCOUNT,
        "type": "impersonated_service_account",
    },
    "impersonated_service_account_external_source": {
        **IMPERSONATED,
        "source_credentials": external(TEXT_FILE),
    },
}


# The world that a case sees: its answers, its files, its child process, its clock.


class Answer(transport.Response):
    """What a request is answered with."""

    status = headers = data = None

    def __init__(self, body, status=200, content_type="application/json; charset=UTF-8", **headers):
        self.status = status
        self.headers = {"content-type": content_type}
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.data = (body if isinstance(body, str) else json.dumps(body)).encode()

    def recorded(self):
        return {"status": self.status, "headers": self.headers, "body": self.data.decode()}


class NoAnswer:
    """A connection that fails."""

    def __init__(self, reason):
        self.reason = reason

    def recorded(self):
        return {"transport_error": self.reason}


class Transport(transport.Request):
    """Notes requests and gives canned answers, in order."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.exchanges = []

    def __call__(self, url, method="GET", body=None, headers=None, timeout=None, **rest):
        assert not rest, rest
        answer = self.answers.pop(0)
        headers = {name.lower(): text(value) for name, value in (headers or {}).items()}
        request = {"method": method, "url": url, "headers": headers}
        if timeout is not None:
            request["timeout"] = timeout
        request |= decoded_body(headers.get("content-type"), body)
        self.exchanges.append({"request": request, "answer": answer.recorded()})
        if isinstance(answer, NoAnswer):
            raise exceptions.TransportError(answer.reason)
        return answer


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def decoded_body(content_type, body):
    """The fields of a body in the order sent; JSON that stands in a form field also as JSON."""
    if body is None:
        return {}
    if content_type == "application/json":
        return {"json": json.loads(body)}
    assert content_type == "application/x-www-form-urlencoded"
    pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
    form = dict(pairs)
    assert len(form) == len(pairs)
    within = {k: json.loads(urllib.parse.unquote(v)) for k, v in pairs if v.startswith("%7B")}
    return {"form": form} | ({"json_in_form": within} if within else {})


class Child:
    """Runs a script in place of a credential file's command, and notes what it was given."""

    SCRIPT = """#!/bin/sh
here=${0%/*}
env > "$here/environment"
printf '%s\\n' "$@" > "$here/arguments"
cat "$here/output"
exit "$(cat "$here/status")"
"""

    def __init__(self, output, status):
        self.output, self.status = output, status
        self.seen = None
        self._run = subprocess.run

    def run(self, argv, env, timeout, **rest):
        assert rest == {"stdin": None, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            script = folder / "script"
            script.write_text(self.SCRIPT)
            script.chmod(stat.S_IRWXU)
            (folder / "output").write_text(self.output)
            (folder / "status").write_text(str(self.status))
            result = self._run([script, *argv[1:]], env=env, timeout=timeout, **rest)
            lines = (folder / "environment").read_text().splitlines()
            environment = dict(line.split("=", 1) for line in sorted(lines))
            arguments = (folder / "arguments").read_text().splitlines()
        for name in ["PWD", "OLDPWD", "SHLVL", "_"]:  # The shell's own.
            environment.pop(name, None)
        self.seen = {
            "argv": [argv[0], *arguments],
            "environment": environment,
            "timeout": timeout,
            "output": self.output,
            "status": self.status,
        }
        return result


class World:
    """Everything that a case may see; notes what it does."""

    def __init__(self, answers, environment, files, child):
        self.transport = Transport(answers)
        self.environment, self.files, self.child = environment, files, child
        self.jwts, self.waits, self.result = [], [], None
        self._encode = jwt.encode

    @contextlib.contextmanager
    def entered(self):
        patches = [
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(_helpers, "utcnow", lambda: NOW),
            mock.patch("time.time", lambda: _helpers.datetime_to_secs(NOW)),
            mock.patch("time.sleep", self.waits.append),
            mock.patch("random.uniform", lambda low, high: (low + high) / 2),
            mock.patch("platform.python_version", lambda: PYTHON),
            mock.patch("os.path.exists", self.files.__contains__),
            mock.patch.object(jwt, "encode", self.sign),
            mock.patch.object(requests_transport, "Request", lambda: self.transport),
        ]
        patches += [
            mock.patch.object(module, "open", self.open, create=True)
            for module in [identity_pool, pluggable, _metadata]
        ]
        if self.child:
            patches.append(mock.patch("subprocess.run", self.child.run))
        with contextlib.ExitStack() as stack:
            for patch in patches:
                stack.enter_context(patch)
            for module in [_metadata, iam]:  # They read the environment when they are loaded.
                importlib.reload(module)
            yield

    def open(self, path, *_, **__):
        if path not in self.files:
            raise FileNotFoundError(path)
        return io.StringIO(self.files[path])

    def sign(self, *arguments, **named):
        token = self._encode(*arguments, **named)
        header, claims = (
            json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
            for part in token.split(b".")[:2]
        )
        self.jwts.append({"header": header, "claims": claims, "jwt": token.decode()})
        return token


# How a case makes its credentials, or what else it asks.


def load(info, inputs, world):
    """The credentials of a file."""
    scopes = inputs.get("scopes")
    match info["type"]:
        case "service_account":
            return load_service_account(info, inputs)
        case "authorized_user":
            return user_credentials.Credentials.from_authorized_user_info(info, scopes)
        case "external_account_authorized_user":
            return external_account_authorized_user.Credentials.from_info(info)
        case "impersonated_service_account":
            cls = impersonated_credentials.Credentials
            return cls.from_impersonated_service_account_info(info, scopes)
    if info["subject_token_type"] == "urn:ietf:params:aws:token-type:aws4_request":
        cls = aws.Credentials
    elif "executable" in info["credential_source"]:
        cls = pluggable.Credentials
    else:
        cls = identity_pool.Credentials
    return cls.from_info(info, scopes=scopes)


def load_service_account(info, inputs):
    """Asks for a JWT that is the token itself as an AuthorizedSession with a default host does."""
    credentials = service_account.Credentials.from_service_account_info(
        info,
        scopes=inputs.get("scopes"),
        subject=inputs.get("subject"),
        always_use_jwt_access=inputs.get("always_use_jwt_access", False),
    )
    credentials._create_self_signed_jwt(inputs.get("audience"))
    return credentials


def load_with_project(info, inputs, world):
    """What google.auth.default() does with a file: it looks for the project, too."""
    credentials, world.result = auth._default._load_credentials_from_info(
        "file", info, inputs["scopes"], None, None, world.transport
    )
    return credentials


def default(_, inputs, world):
    credentials, world.result = auth.default(scopes=inputs["scopes"], request=world.transport)
    return credentials


def with_boundary(info, inputs, world):
    return load(info, inputs, world)._set_blocking_regional_access_boundary_lookup()


def impersonate(info, inputs, world):
    return impersonated_credentials.Credentials(
        service_account.Credentials.from_service_account_info(info),
        inputs["target_principal"],
        inputs["scopes"],
        delegates=inputs.get("delegates"),
        lifetime=inputs.get("lifetime"),
    )


def metadata(_, inputs, world):
    return compute_engine.Credentials(
        service_account_email=inputs.get("service_account_email", "default"),
        scopes=inputs.get("scopes"),
    )


def metadata_token(_, inputs, world):
    """The token of an account without the credentials around it."""
    token, _ = _metadata.get_service_account_token(
        world.transport, inputs["service_account_email"], inputs.get("scopes")
    )
    world.result = token


def is_on_gce(_, inputs, world):
    world.result = _metadata.is_on_gce(world.transport)


def project_id(_, inputs, world):
    world.result = _metadata.get_project_id(world.transport)


def universe_domain(_, inputs, world):
    world.result = compute_engine.Credentials().universe_domain


# Answers.

TOKEN = Answer({"access_token": "test-access-token", "expires_in": 3599, "token_type": "Bearer"})
FEDERATED = Answer(
    {
        "access_token": "test-federated-token",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 3600,
    }
)
FEDERATED_TEXT_SECONDS = Answer({"access_token": "test-federated-token", "expires_in": "3600"})
FEDERATED_ENDLESS = Answer({"access_token": "test-federated-token", "token_type": "Bearer"})
HOUR = Answer({"accessToken": "test-impersonated-token", "expireTime": "2026-01-31T13:00:00Z"})
TWENTY_MINUTES = Answer(
    {"accessToken": "test-impersonated-token", "expireTime": "2026-01-31T12:20:00Z"}
)
NANOSECONDS = Answer(
    {"accessToken": "test-impersonated-token", "expireTime": "2026-01-31T13:00:00.123456789Z"}
)

INVALID_GRANT = Answer(
    {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, status=400
)
REVOKED = Answer(
    {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    status=400,
)
REAUTH = Answer(
    {
        "error": "invalid_grant",
        "error_description": "reauth related error (invalid_rapt)",
        "error_subtype": "invalid_rapt",
    },
    status=400,
)
INTERNAL = Answer({"error": "internal_failure", "error_description": "Internal error."}, status=500)
SERVER_ERROR = Answer({"error": "server_error"}, status=400)
BAD_GATEWAY = Answer("<html>Bad Gateway</html>", status=502, content_type="text/html")
STS_DENIED = Answer(
    {
        "error": "unauthorized_client",
        "error_description": "The given credential is rejected by the attribute condition.",
    },
    status=403,
)
STS_INVALID = Answer(
    {
        "error": "invalid_grant",
        "error_description": "ID Token issued at 1 is stale to sign-in.",
    },
    status=400,
)


def google_error(code, message, status):
    return Answer({"error": {"code": code, "message": message, "status": status}}, status=code)


IAM_DENIED = google_error(
    403,
    "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    "PERMISSION_DENIED",
)
IAM_UNAVAILABLE = google_error(503, "The service is currently unavailable.", "UNAVAILABLE")


def flavored(body, status=200, content_type="application/json"):
    return Answer(body, status, content_type, metadata_flavor="Google")


def plain(body, status=200):
    return flavored(body, status, "application/text")


PONG = plain("0.1/\ncomputeMetadata/\n")
ACCOUNT = flavored(
    {"aliases": ["default"], "email": WATCHER, "scopes": [CLOUD_PLATFORM, READ_ONLY]}
)
INSTANCE_TOKEN = flavored(
    {"access_token": "test-instance-token", "expires_in": 1799, "token_type": "Bearer"}
)
NOT_FOUND = flavored("<html>Not Found</html>", 404, "text/html; charset=UTF-8")
UNAVAILABLE = flavored("<html>Unavailable</html>", 503, "text/html; charset=UTF-8")
SILENCE = NoAnswer("connect timed out")

PROJECT = Answer({"projectNumber": "123456789012", "projectId": "acme"})
ALLOWED = Answer({"locations": ["us-central1", "us-east1"], "encodedLocations": "0xA30"})
SUBJECT_JSON = Answer({"access_token": "test.subject.token", "expires_in": "3599"})
SUBJECT_TEXT = Answer("test.subject.token", content_type="text/plain")
NO_SUBJECT = Answer({"error": "not_found"}, status=404)

IMDS_TOKEN = Answer("test-imds-session", content_type="text/plain")
ZONE = Answer("us-east-2b", content_type="text/plain")
ROLE = Answer("watcher-role", content_type="text/plain")
ROLE_KEYS = Answer(
    {
        "Code": "Success",
        "LastUpdated": "2026-01-31T11:30:00Z",
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIATESTACCESSKEYID0",
        "SecretAccessKey": "test+secret/access+key",
        "Token": "test/session+token==",
        "Expiration": "2026-01-31T17:30:00Z",
    }
)
IMDS_DENIED = Answer("", status=403, content_type="text/plain")

SUBJECT_FILE = {"/etc/opwatchd/subject_token": "test.subject.token"}
EXECUTABLES = {"PATH": "/usr/bin:/bin", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1"}
AWS_KEYS = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIATESTACCESSKEYID0",
    "AWS_SECRET_ACCESS_KEY": "test+secret/access+key",
}
BOUNDARY = {"GOOGLE_SDK_EXPERIMENTAL_PYTHON_REGIONAL_ACCESS_BOUNDARY_LOOKUP_ENABLED": "true"}


def output(expires_in=3600, **changes):
    """What an executable prints; the token expires so many seconds after now."""
    fields = {
        "version": 1,
        "success": True,
        "token_type": "urn:ietf:params:oauth:token-type:id_token",
        "id_token": "test.subject.token",
        "expiration_time": _helpers.datetime_to_secs(NOW) + expires_in,
    } | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None})


# Cases.

CASES = []


def case(name, file, *answers, make=load, environment=None, files=None, child=None, **inputs):
    """Adds a case.

    file: the credential file without its suffix, None for the metadata server.
    make: gives the credentials that a request to the API then gets its headers from; what only
        asks something gives none and sets world.result.
    files: contents by path.
    child: output and status of the executable.
    inputs: what `make` is told.
    """
    CASES.append((name, file, answers, make, environment or {}, files or {}, child, inputs))


def add_service_accounts():
    scopes, two_scopes = {"scopes": [CLOUD_PLATFORM]}, {"scopes": [CLOUD_PLATFORM, READ_ONLY]}
    audience = {"audience": f"https://{API_HOST}/"}
    name = file = "service_account"
    case(f"{name}_self_signed_audience", file, **audience)
    case(f"{name}_self_signed_scopes", file, always_use_jwt_access=True, **scopes)
    case(
        f"{name}_self_signed_audience_and_scopes", file, always_use_jwt_access=True,
        **audience, **two_scopes,
    )
    case(f"{name}_scopes", file, TOKEN, **scopes)
    case(f"{name}_audience_and_scopes", file, TOKEN, **audience, **scopes)
    case(f"{name}_no_scopes", file, TOKEN)
    case(f"{name}_subject", file, TOKEN, subject="admin@acme.example", **two_scopes)
    case(f"{name}_quota_project_in_file", f"{file}_quota_project", TOKEN, **scopes)
    case(f"{name}_token_uri", f"{file}_token_uri", TOKEN, **scopes)
    case(f"{name}_universe_domain_scopes", f"{file}_universe_domain", **scopes)
    case(
        f"{name}_universe_domain_audience", f"{file}_universe_domain",
        audience=f"https://ml.{OTHER_UNIVERSE}/",
    )
    case(
        f"{name}_universe_domain_subject", f"{file}_universe_domain",
        subject="admin@acme.example", **scopes,
    )
    case(
        f"{name}_regional_access_boundary", file, ALLOWED, make=with_boundary,
        environment=BOUNDARY, **audience,
    )
    case(f"{name}_invalid_grant", file, INVALID_GRANT, **scopes)
    case(f"{name}_500", file, INTERNAL, INTERNAL, INTERNAL, **scopes)


def add_users():
    name = file = "authorized_user"
    case(name, file, TOKEN)
    case(f"{name}_scopes", file, TOKEN, scopes=[CLOUD_PLATFORM, READ_ONLY])
    case(f"{name}_quota_project", f"{file}_quota_project", TOKEN)
    case(
        f"{name}_quota_project_in_environment", f"{file}_quota_project", TOKEN,
        environment={"GOOGLE_CLOUD_QUOTA_PROJECT": "acme-other-quota"},
    )
    case(f"{name}_invalid_grant", file, REVOKED)
    case(f"{name}_reauth", file, REAUTH)
    case(f"{name}_server_error_in_400", file, SERVER_ERROR, TOKEN)
    case(f"{name}_502", file, BAD_GATEWAY)
    case(f"{name}_no_answer", file, SILENCE)
    name = file = "external_account_authorized_user"
    fresh = Answer(
        {
            "access_token": "test-workforce-token",
            "expires_in": 3600,
            "token_type": "Bearer",
            "refresh_token": "test-next-refresh-token",
        }
    )
    case(name, file, fresh)
    case(f"{name}_invalid_grant", file, REVOKED)
    case(f"{name}_500", file, INTERNAL)


def add_metadata():
    def ask(name, *answers, make=metadata, **rest):
        case(f"metadata_{name}", None, *answers, make=make, **rest)

    product = "/sys/class/dmi/id/product_name"
    ask("ping", PONG, make=is_on_gce)
    ask("ping_other_server", Answer("hello"), make=is_on_gce)
    ask("ping_no_answer", SILENCE, SILENCE, SILENCE, make=is_on_gce)
    ask(
        "ping_no_answer_on_google_hardware", SILENCE, SILENCE, SILENCE, make=is_on_gce,
        files={product: "Google Compute Engine\n"},
    )
    ask("no_gce_check", make=is_on_gce, environment={"NO_GCE_CHECK": "true"})
    ask("default_account", ACCOUNT, INSTANCE_TOKEN)
    ask("account_by_email", ACCOUNT, INSTANCE_TOKEN, service_account_email=WATCHER)
    ask("scopes", ACCOUNT, INSTANCE_TOKEN, scopes=[READ_ONLY])
    ask("token_by_email", INSTANCE_TOKEN, make=metadata_token, service_account_email=WATCHER)
    ask(
        "token_by_email_scopes", INSTANCE_TOKEN, make=metadata_token,
        service_account_email=WATCHER, scopes=[CLOUD_PLATFORM, READ_ONLY],
    )
    ask(
        "quota_project", ACCOUNT, INSTANCE_TOKEN,
        environment={"GOOGLE_CLOUD_QUOTA_PROJECT": "acme-quota"},
    )
    ask("project_id", plain("acme"), make=project_id)
    ask("universe_domain", plain(OTHER_UNIVERSE), make=universe_domain)
    ask("universe_domain_absent", NOT_FOUND, make=universe_domain)
    ask(
        "application_default", PONG, plain("acme"), ACCOUNT, INSTANCE_TOKEN, make=default,
        scopes=[CLOUD_PLATFORM], environment={"CLOUDSDK_CONFIG": "/var/lib/opwatchd/gcloud"},
    )
    host = {"GCE_METADATA_HOST": "metadata.acme.test:8080"}
    ask("host_ping", PONG, make=is_on_gce, environment=host)
    ask("host_token", ACCOUNT, INSTANCE_TOKEN, environment=host)
    ask(
        "ip_ping", PONG, make=is_on_gce,
        environment={**host, "GCE_METADATA_IP": "192.0.2.1:8080"},
    )
    ask("no_account", NOT_FOUND)
    ask("unavailable_then_token", UNAVAILABLE, ACCOUNT, INSTANCE_TOKEN)
    ask("unavailable", *[UNAVAILABLE] * 5)


def add_external():
    scopes = {"scopes": [CLOUD_PLATFORM]}

    def ask(name, *answers, file=None, **rest):
        file = f"external_{file or name}"
        case(f"external_{name}", file, *answers, **{"files": SUBJECT_FILE} | scopes | rest)

    ask("file_text", FEDERATED)
    ask("file_text_no_scopes", FEDERATED, file="file_text", scopes=None)
    line = {"/etc/opwatchd/subject_token": "test.subject.token\n"}
    ask("file_text_line_feed", FEDERATED, file="file_text", files=line)
    ask("file_text_absent", file="file_text", files={})
    ask("file_text_empty", file="file_text", files={"/etc/opwatchd/subject_token": ""})
    json_file = {"/etc/opwatchd/token.json": '{"access_token": "test.subject.token"}\n'}
    ask("file_json", FEDERATED, files=json_file)
    other_field = {"/etc/opwatchd/token.json": '{"id_token": "test.subject.token"}'}
    ask("file_json_other_field", file="file_json", files=other_field)
    ask("url", SUBJECT_JSON, FEDERATED, files={})
    ask("url_text", SUBJECT_TEXT, FEDERATED, files={})
    ask("url_404", NO_SUBJECT, file="url", files={})
    ask("url_500", INTERNAL, file="url", files={})
    ask("quota_project", FEDERATED_TEXT_SECONDS)
    ask("client", FEDERATED, scopes=[CLOUD_PLATFORM, READ_ONLY])
    ask("workforce", FEDERATED)
    ask("workforce_client", FEDERATED)
    ask("impersonated", FEDERATED, TWENTY_MINUTES)
    ask("impersonated_quota_project", FEDERATED, HOUR)
    ask(
        "application_default", FEDERATED, PROJECT, file="file_text", make=load_with_project,
    )
    ask("expires_in_absent", FEDERATED_ENDLESS, file="file_text")
    ask("sts_403", STS_DENIED, file="file_text")
    ask("sts_invalid_grant", STS_INVALID, file="file_text")
    ask("sts_500", INTERNAL, file="file_text")
    ask("impersonated_sts_403", STS_DENIED, file="impersonated")
    ask("impersonated_403", FEDERATED, IAM_DENIED, file="impersonated")
    ask("impersonated_503", FEDERATED, IAM_UNAVAILABLE, file="impersonated")
    ask("impersonated_fraction", FEDERATED, NANOSECONDS, file="impersonated")


def add_executables():
    def ask(name, *answers, file="executable", environment=EXECUTABLES, **rest):
        case(
            f"external_executable{name}", f"external_{file}", *answers,
            environment=environment, scopes=[CLOUD_PLATFORM], **rest,
        )

    saml = output(
        token_type="urn:ietf:params:oauth:token-type:saml2",
        id_token=None,
        saml_response="test-saml-response",
    )
    no = json.dumps({"version": 1, "success": False, "code": "401", "message": "Not logged in."})
    ask("", FEDERATED, child=(output(), 0))
    ask("_saml", FEDERATED, child=(saml, 0))
    ask("_impersonated", FEDERATED, HOUR, file="executable_impersonated", child=(output(), 0))
    file = "executable_output_file"
    ask("_output_file_fresh", FEDERATED, file=file, files={OUTPUT_FILE: output()})
    old = {OUTPUT_FILE: output(expires_in=-1)}
    ask("_output_file_expired", FEDERATED, file=file, files=old, child=(output(), 0))
    ask("_not_allowed", environment={})
    ask("_unsuccessful", child=(no, 0))
    ask("_status", child=("no such user\n", 3))
    ask("_expired", child=(output(expires_in=-1), 0))
    ask("_version_2", child=(output(version=2), 0))


def add_aws():
    def ask(name, *answers, file="external_aws", **rest):
        case(f"external_aws_{name}", file, *answers, scopes=[CLOUD_PLATFORM], **rest)

    session = AWS_KEYS | {"AWS_SESSION_TOKEN": "test/session+token=="}
    session.pop("AWS_REGION")
    region = {"AWS_REGION": "eu-west-1"}
    role = [ROLE, ROLE_KEYS]
    ask("environment", FEDERATED, environment=AWS_KEYS)
    ask("environment_session", FEDERATED, environment=session)
    ask("imdsv2", IMDS_TOKEN, ZONE, IMDS_TOKEN, *role, FEDERATED)
    ask("imdsv1", *role, FEDERATED, file="external_aws_imdsv1", environment=region)
    ask("imdsv2_403", IMDS_DENIED)


def add_impersonation():
    scopes = {"scopes": [CLOUD_PLATFORM]}
    name = file = "impersonated_service_account"
    case(name, file, TOKEN, HOUR, **scopes)
    case(f"{name}_no_scopes", file, TOKEN, HOUR)
    case(f"{name}_quota_project", f"{file}_quota_project", TOKEN, HOUR, **scopes)
    case(f"{name}_key_source", f"{file}_key_source", TOKEN, HOUR, **scopes)
    case(f"{name}_external_source", f"{file}_external_source", **scopes)
    case(f"{name}_403", file, TOKEN, IAM_DENIED, **scopes)
    case(f"{name}_503", file, TOKEN, IAM_UNAVAILABLE, **scopes)
    case(f"{name}_source_invalid_grant", file, REVOKED, **scopes)
    case(
        "impersonated_by_service_account", "service_account", TOKEN, TWENTY_MINUTES,
        make=impersonate, target_principal=CANCELLER, delegates=DELEGATES, lifetime=1200, **scopes,
    )
    case(
        "impersonated_in_universe_domain", "service_account_universe_domain", HOUR,
        make=impersonate, target_principal=CANCELLER, **scopes,
    )


# Recording.


def error_of(error):
    """The innermost words of an error: some carry another error instead of a text."""
    words = error
    while isinstance(words, Exception) and words.args:
        words = words.args[0]
    retryable = getattr(error, "retryable", False)
    return {"type": type(error).__name__, "message": str(words), "retryable": retryable}


def record(name, file, answers, make, environment, files, child, inputs):
    world = World(answers, environment, files, child and Child(*child))
    credentials = headers = error = None
    with world.entered():
        try:
            credentials = make(FILES.get(file), inputs, world)
            if credentials:
                credentials = credentials.with_quota_project_from_environment()
                headers = {}
                credentials.before_request(world.transport, "GET", API_URL, headers)
        except (exceptions.GoogleAuthError, TypeError) as caught:
            error, headers = error_of(caught), None
        token, expiry = (credentials.token, credentials.expiry) if headers else (None, None)
    assert not world.transport.answers, f"{name}: {len(world.transport.answers)} answers are left"
    inputs = {key: value for key, value in inputs.items() if value is not None}
    if environment:
        inputs["environment"] = environment
    if files:
        inputs["files"] = files
    recorded = {
        "name": name,
        "file": file and f"{file}.json",
        "inputs": inputs,
        "exchanges": world.transport.exchanges,
        "token": token,
        "expiry": expiry and f"{expiry.isoformat()}Z",
        "api_headers": headers,
    }
    # Only where there is something to say.
    rest = {
        "jwts": world.jwts or None,
        "child": world.child and world.child.seen,
        "waits": world.waits or None,
        "result": world.result,
        "error": error,
    }
    return recorded | {key: value for key, value in rest.items() if value is not None}


def pretty(value, indent=""):
    """JSON, indented by two blanks, with what fits into a line in one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(indent) + len(line) <= 100:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {pretty(each, inner)}" for key, each in value.items()]
    else:
        rows = [pretty(each, inner) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(rows) + f"\n{indent}{closing}"


def write(name, text):
    (HERE / name).write_text(text + "\n")


def main():
    logging.disable()
    for name, info in FILES.items():
        write(f"{name}.json", json.dumps(info, indent=2))
    add_service_accounts()
    add_users()
    add_metadata()
    add_external()
    add_executables()
    add_aws()
    add_impersonation()
    cases = [record(*each) for each in CASES]
    names = [each["name"] for each in cases]
    assert len(names) == len(set(names)), "two cases have one name"
    assert {each["file"] for each in cases} - {None} == {f"{name}.json" for name in FILES}
    recorded = {
        "google_auth": version.__version__,
        "now": f"{NOW.isoformat()}Z",
        "api_url": API_URL,
        "refresh_threshold": _helpers.REFRESH_THRESHOLD.total_seconds(),
        "library_only_headers": LIBRARY_ONLY_HEADERS,
        "library_only_requests": LIBRARY_ONLY_REQUESTS,
        "cases": cases,
    }
    write("recorded.json", pretty(recorded))


if __name__ == "__main__":
    main()
