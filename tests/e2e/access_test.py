#!/usr/bin/env python3
"""Who may do what: every endpoint and protocol, by every role, with the right, a wrong and no proof, in one tenant and across tenants."""
import base64
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
ROLES = ("writer", "reader", "admin", "auditor", "service")
# What each role may do.
MAY = {
    "nothing": set(ROLES),
    "write": {"writer", "admin", "service"},
    "read": {"reader", "admin", "service"},
    "audit": {"auditor", "admin"},
    "administer": {"admin"},
}


def token(data, name, role, *flags):
    made = subprocess.run([BINARY, "token", "create", name, "--role", role, "--data", data, "-q", *flags], capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="livedata-access-")
        data = cls.folder.name + "/data"
        cls.password = "correct horse"
        hashed = subprocess.run([BINARY, "token", "hash-password"], input=cls.password, capture_output=True, text=True, timeout=60).stdout.strip()
        config = pathlib.Path(cls.folder.name) / "livedata.yaml"
        config.write_text(f"""
auth:
  enabled: true
identities:
  users:
    - name: ada
      password_hash: {hashed}
      tenant: shop
      roles: [reader]
  networks:
    - network: 127.0.0.0/8
      tenant: default
      roles: [writer]
""")
        cls.tokens = {role: token(data, f"{role} of shop", role, "--tenant", "shop") for role in ROLES}
        cls.lab = {role: token(data, f"{role} of lab", role, "--tenant", "lab") for role in ("writer", "reader", "admin")}
        cls.both = token(data, "both", "reader", "--tenant", "shop", "--other-tenant", "lab")
        cls.team = token(data, "team", "service", "--tenant", "shop", "--streams", '{team="a"}')
        cls.server = Livedata(BINARY, data=data, arguments=("--no-collect", "--config", str(config)), syslog="127.0.0.1:0")
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def status(self, method, path, headers=None, body=None):
        """The answer's status and header, without waiting for a body that may have no end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders())
        finally:
            connection.close()

    def push(self, secret, labels, line, tenant=None):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
        if tenant:
            headers["X-Scope-OrgID"] = tenant
        body = json.dumps({"streams": [{"stream": labels, "values": [[str(time.time_ns()), line]]}]})
        return self.server.request("/loki/api/v1/push", body, headers)

    def ask(self, path, secret, tenant=None):
        headers = {"Authorization": f"Bearer {secret}", **({"X-Scope-OrgID": tenant} if tenant else {})}
        return self.server.request(path, headers=headers)

    def lines(self, secret, query="%7Bapp%3D~%22till%7Cmicroscope%22%7D", tenant=None):
        status, text = self.ask(f"/loki/api/v1/query_range?query={query}", secret, tenant)
        self.assertEqual(status, 200, text)
        return sorted(line for stream in json.loads(text)["data"]["result"] for _, line in stream["values"])

    def endpoints(self):
        status, text = self.ask("/api/v1/endpoints", self.tokens["admin"])
        self.assertEqual(status, 200, text)
        return json.loads(text)["endpoints"]

    def test_every_endpoint_by_every_role(self):
        endpoints = self.endpoints()
        self.assertGreater(len(endpoints), 100)
        self.assertEqual([e for e in endpoints if not e.get("is_listed", True)], [], "each route needs a row in server/api/permissions.cc")
        wrong = []
        for endpoint in endpoints:
            method, needs = endpoint["method"], endpoint["needs"]
            path = endpoint["path"].replace("/**", "/x").replace("*", "x")

            def check(who, expected, headers):
                # Some routes are there for clients of Elasticsearch alone.
                status, _ = self.status(method, path, {"User-Agent": "elasticsearch-py/8.1", **headers})
                refused = status if status in (401, 403) else "let in"
                if refused != expected:
                    wrong.append(f"{method} {path} by {who}: {status}, expected {expected}")

            anybody = needs == "nothing"
            for role in ROLES:
                allowed = anybody or role in MAY[needs]
                check(role, "let in" if allowed else 403, {"Authorization": f"Bearer {self.tokens[role]}"})
            if anybody:
                continue  # signing in has answers of its own
            check("nobody", 401, {})
            check("a wrong token", 401, {"Authorization": "Bearer " + self.tokens["admin"][:-2] + "AA"})
            check("a wrong password", 401, {"Authorization": "Basic " + base64.b64encode(b"ada:wrong").decode()})
            check("an admin of another tenant", 403, {"Authorization": f"Bearer {self.lab['admin']}", "X-Scope-OrgID": "shop"})
        self.assertEqual(wrong, [])

    def test_tenants_do_not_see_each_other(self):
        self.assertEqual(self.push(self.tokens["writer"], {"app": "till"}, "of the shop")[0], 204)
        self.assertEqual(self.push(self.lab["writer"], {"app": "microscope"}, "of the lab")[0], 204)
        self.assertEqual(self.lines(self.tokens["reader"]), ["of the shop"])
        self.assertEqual(self.lines(self.lab["reader"]), ["of the lab"])
        self.assertEqual(self.lines(self.both, tenant="lab"), ["of the lab"])
        self.assertEqual(self.lines(self.both), ["of the shop"])
        for path in ("/loki/api/v1/query_range?query=%7Bapp%3D~%22.%2B%22%7D", "/loki/api/v1/labels", "/loki/api/v1/label/app/values",
                     "/loki/api/v1/series", "/loki/api/v1/index/volume?query=%7Bapp%3D~%22.%2B%22%7D", "/api/v1/sql?query=SELECT+*+FROM+logs",
                     "/loki/api/v1/patterns?query=%7Bapp%3D~%22.%2B%22%7D", "/loki/api/v1/detected_labels", "/api/v1/sql/schema",
                     "/api/v1/query?query=%7Bapp%3D~%22.%2B%22%7D"):
            for secret, mine, others in ((self.tokens["reader"], "shop", ("microscope", "of the lab")), (self.lab["reader"], "lab", ("till", "of the shop"))):
                status, text = self.ask(path, secret)
                self.assertEqual(status, 200, (path, text))
                for other in others:
                    self.assertNotIn(other, text, (path, mine))
        for tenant in ("lab", "default", "other"):
            self.assertEqual(self.ask("/loki/api/v1/labels", self.tokens["reader"], tenant)[0], 403)
        for tenant in ("../lab", "a/b", "a b", ".", "x" * 100):
            self.assertEqual(self.ask("/loki/api/v1/labels", self.tokens["reader"], tenant)[0], 400, tenant)

    def test_a_service_keeps_to_its_streams(self):
        self.assertEqual(self.push(self.tokens["writer"], {"app": "other", "team": "b"}, "of team b")[0], 204)
        self.assertEqual(self.push(self.team, {"app": "own", "team": "a"}, "of team a")[0], 204)
        status, text = self.push(self.team, {"app": "own", "team": "b"}, "intruder")
        self.assertEqual(status, 400)
        self.assertIn("may not write to the stream", text)
        everything = "%7Bteam%3D~%22.%2B%22%7D"
        self.assertEqual(self.lines(self.team, everything), ["of team a"])
        self.assertEqual(self.lines(self.tokens["reader"], everything), ["of team a", "of team b"])
        for path in (f"/loki/api/v1/query?query=sum(count_over_time({everything}[1h]))", "/loki/api/v1/label/team/values", "/loki/api/v1/series",
                     "/api/v1/sql?query=SELECT+line+FROM+logs", f"/loki/api/v1/patterns?query={everything}", "/loki/api/v1/index/volume?query=" + everything):
            status, text = self.ask(path, self.team)
            self.assertEqual(status, 200, (path, text))
            for hidden in ("team b", '"b"', "other"):
                self.assertNotIn(hidden, text, path)
        # The kept result of one asker is not given to another one.
        count = f"/loki/api/v1/query?query=sum(count_over_time({everything}[1h]))"
        value = lambda secret: json.loads(self.ask(count, secret)[1])["data"]["result"][0]["value"][1]
        self.assertEqual((value(self.tokens["reader"]), value(self.team), value(self.tokens["reader"])), ("2", "1", "2"))

    def test_tokens_over_the_api(self):
        admin = {"Authorization": f"Bearer {self.tokens['admin']}", "Content-Type": "application/json"}
        status, text = self.server.request("/api/v1/tokens", json.dumps({"name": "short", "roles": "reader", "lifetime": "1h"}), admin)
        self.assertEqual(status, 201, text)
        made = json.loads(text)
        self.assertEqual(made["tenant"], "shop")
        self.assertEqual(self.ask("/loki/api/v1/labels", made["token"])[0], 200)
        listed = json.loads(self.server.request("/api/v1/tokens", headers=admin)[1])["tokens"]
        self.assertIn("short", [t["name"] for t in listed])
        self.assertEqual({t["tenant"] for t in listed}, {"shop"})
        self.assertNotIn("argon2", json.dumps(listed))
        lab = {"Authorization": f"Bearer {self.lab['admin']}"}
        self.assertEqual(self.server.request(f"/api/v1/tokens/{made['id']}", headers=lab, method="DELETE")[0], 404)
        self.assertEqual(self.server.request(f"/api/v1/tokens/{made['id']}", headers=admin, method="DELETE")[0], 204)
        self.assertEqual(self.ask("/loki/api/v1/labels", made["token"])[0], 401)
        for wish in ({"name": "x", "roles": "root"}, {"name": "", "roles": "reader"}, {"name": "x"}, {"name": "x", "roles": "reader", "streams": "{"},
                     {"name": "x", "roles": "reader", "lifetime": "soon"}):
            self.assertEqual(self.server.request("/api/v1/tokens", json.dumps(wish), admin)[0], 400, wish)
        greedy = {"name": "x", "roles": "reader", "other_tenants": ["lab"]}
        self.assertEqual(self.server.request("/api/v1/tokens", json.dumps(greedy), admin)[0], 403)

    def test_a_browser_signs_in_and_out(self):
        status, headers = self.status("POST", "/api/v1/session", body=json.dumps({"user": "ada", "password": self.password}))
        self.assertEqual(status, 200)
        cookie = headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        session = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.status("GET", "/loki/api/v1/labels", session)[0], 200)
        self.assertEqual(self.status("POST", "/loki/api/v1/labels", session)[0], 403, "no page of ours says that it sent it")
        self.assertEqual(self.status("POST", "/loki/api/v1/labels", {**session, "Origin": "http://evil.example"})[0], 403)
        self.assertEqual(self.status("POST", "/loki/api/v1/labels", {**session, "Origin": f"http://127.0.0.1:{self.server.port}"})[0], 200)
        self.assertEqual(self.status("DELETE", "/api/v1/session", session)[0], 204)
        self.assertEqual(self.status("GET", "/loki/api/v1/labels", session)[0], 401)
        for body in ({"user": "ada", "password": "wrong"}, {"user": "bob", "password": "wrong"}, {"token": "ld_wrong"}):
            self.assertEqual(self.status("POST", "/api/v1/session", body=json.dumps(body))[0], 401)
        self.assertEqual(self.status("POST", "/api/v1/session", body="{}")[0], 400)
        self.assertEqual(self.status("GET", "/", {"Accept": "text/html"})[0], 200, "the page itself is for everybody")

    def test_forms_that_senders_have(self):
        secret = self.tokens["writer"]
        basic = base64.b64encode(f"any:{secret}".encode()).decode()
        event = json.dumps({"event": "hello"})
        for path, headers, body in (("/services/collector/event", {"Authorization": f"Splunk {secret}"}, event),
                                    ("/services/collector/event", {"Authorization": f"Basic {basic}"}, event),
                                    (f"/services/collector/event?token={secret}", {}, event),
                                    ("/api/v2/logs", {"DD-API-KEY": secret, "Content-Type": "application/json"}, '[{"message":"hello"}]'),
                                    ("/_bulk", {"Authorization": "ApiKey " + base64.b64encode(f"id:{secret}".encode()).decode(),
                                                "Content-Type": "application/x-ndjson"}, '{"create":{"_index":"a"}}\n{"message":"hello"}\n'),
                                    ("/loki/api/v1/push", {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}, '{"streams":[]}')):
            status, text = self.server.request(path, body, headers)
            self.assertIn(status, (200, 202, 204), (path, text))
            headers = {name: value for name, value in headers.items() if name == "Content-Type"}
            self.assertEqual(self.server.request(path.split("?")[0], body, headers)[0], 401, path)

    def test_a_refused_body_is_not_read(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as connection:
            connection.sendall(b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n")
            self.assertIn(b" 401 ", connection.recv(1000))

    def test_syslog_is_let_in_by_its_address(self):
        with socket.create_connection(("127.0.0.1", self.server.syslog_ports["TCP"]), timeout=30) as connection:
            connection.sendall(b"<13>1 2026-01-02T03:04:05Z host app - - - by address\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(b"<13>1 2026-01-02T03:04:05Z host app - - - by datagram", ("127.0.0.1", self.server.syslog_ports["UDP"]))
        for _ in range(200):
            files = list(pathlib.Path(self.server.data, "tenants/default").rglob("*"))
            content = b"".join(path.read_bytes() for path in files if path.is_file())
            if b"by address" in content and b"by datagram" in content:
                break
            time.sleep(0.05)
        else:
            self.fail("the messages are not in the data of the tenant")

    def test_commands_take_their_token_from_the_environment(self):
        command = [BINARY, "query", '{app=~".+"}', "--addr", self.server.url]
        good = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "LIVEDATA_TOKEN": self.tokens["reader"]})
        self.assertEqual(good.returncode, 0, good.stderr)
        bad = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(bad.returncode, 0)
        self.assertIn("Authorization", bad.stderr)

    def test_what_was_done_is_kept(self):
        auditor = token(str(self.server.data), "auditor of the audit test", "auditor", "--tenant", "audited")
        admin = token(str(self.server.data), "admin of the audit test", "admin", "--tenant", "audited")
        time.sleep(1.1)  # the server looks for new tokens once a second
        headers = {"Authorization": f"Bearer {admin}", "Content-Type": "application/json"}
        made = json.loads(self.server.request("/api/v1/tokens", json.dumps({"name": "made", "roles": "reader"}), headers)[1])
        self.assertEqual(self.server.request(f"/api/v1/tokens/{made['id']}", headers=headers, method="DELETE")[0], 204)
        self.assertEqual(self.ask("/loki/api/v1/labels", auditor)[0], 403)
        status, text = self.ask("/api/v1/audit", auditor)
        self.assertEqual(status, 200, text)
        records = [(stream["stream"], line) for stream in json.loads(text)["data"]["result"] for _, line in stream["values"]]
        lines = sorted(line for _, line in records)
        self.assertEqual(lines, ["admin of the audit test DELETE /api/v1/tokens/*: done", "admin of the audit test POST /api/v1/tokens: done",
                                 "auditor of the audit test GET /loki/api/v1/labels: refused"])
        self.assertEqual({stream["address"] for stream, _ in records}, {"127.0.0.1"})
        status, text = self.ask("/api/v1/audit", self.tokens["auditor"])
        self.assertNotIn("of the audit test", text, "each tenant has its own")
        self.assertEqual(self.ask("/loki/api/v1/labels", self.tokens["admin"], "_audit")[0], 403)

    def test_secrets_are_nowhere(self):
        written = b"".join(path.read_bytes() for path in pathlib.Path(self.folder.name).rglob("*") if path.is_file())
        for secret in (*self.tokens.values(), *self.lab.values(), self.password):
            self.assertNotIn(secret.split("_", 2)[-1].encode(), written)


class Without(unittest.TestCase):
    def test_tenants_by_header_alone(self):
        with Livedata(BINARY, environment={"LIVEDATA_AUTH_MULTI_TENANT": "true"}) as server:
            for tenant in ("a", "b"):
                body = json.dumps({"streams": [{"stream": {"app": tenant}, "values": [[str(time.time_ns()), f"of {tenant}"]]}]})
                self.assertEqual(server.request("/loki/api/v1/push", body, {"Content-Type": "application/json", "X-Scope-OrgID": tenant})[0], 204)
            for tenant in ("a", "b"):
                status, text = server.request("/loki/api/v1/label/app/values", headers={"X-Scope-OrgID": tenant})
                self.assertEqual(json.loads(text)["data"], [tenant])
            self.assertEqual(server.request("/loki/api/v1/labels", headers={"X-Scope-OrgID": "../a"})[0], 400)


if __name__ == "__main__":
    unittest.main(verbosity=2)
