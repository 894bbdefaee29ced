#!/usr/bin/env python3
"""Keeps the documents true: links lead somewhere, the settings table is the program's own, and queries run."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
documents = [*root.glob("*.md"), *root.glob("docs/*.md")]


def anchor(heading):
    """What a heading is called in a link."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


class Documents(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for document in documents:
            for target, _, section in re.findall(r"\]\(([^)#]*)(#([^)]*))?\)", document.read_text()):
                if target.startswith("http"):
                    continue
                file = document.parent / target if target else document
                self.assertTrue(file.exists(), f"{document.name}: {target}")
                if section:
                    headings = map(anchor, re.findall(r"^#+ (.*)", file.read_text(), re.MULTILINE))
                    self.assertIn(section, headings, f"{document.name}: {target}#{section}")

    def test_settings_table_is_that_of_the_program(self):
        source = (root / "src/config/settings.cc").read_text()
        table = source[source.index("kSettings = {"):]
        settings = re.findall(r'\{\s*"([a-z_.]+)",\s*"([^"]*)",\s*((?:"[^"]*"\s*)+),', table)
        self.assertGreater(len(settings), 5)
        rows = (root / "docs/configuration.md").read_text()
        for key, default, text in settings:
            variable = "LIVEDATA_" + key.upper().replace(".", "_")
            shown = f"`{default}`" if default else ""
            meaning = "".join(re.findall(r'"([^"]*)"', text))
            row = f"| `{key}` | {shown} | `{variable}` | {meaning} |"
            self.assertIn(re.sub(r"\s+", " ", row), re.sub(r"\s+", " ", rows))

    def test_the_layers_that_the_architecture_names_exist(self):
        text = (root / "docs/architecture.md").read_text()
        for layer in ("base", "encoding", "config", "model", "storage", "query", "ingest", "collect", "server", "app", "cli"):
            self.assertIn(layer, text)
            self.assertTrue((root / "src" / layer).is_dir(), layer)


class Pipelines(unittest.TestCase):
    TEXT = (root / "docs/pipelines.md").read_text()
    SOURCES = root / "src/ingest/pipeline"

    def test_examples_compile(self):
        """A block is a configuration file, or a list of stages."""
        blocks = re.findall(r"^```yaml\n(.*?)^```", self.TEXT, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 20)
        for block in blocks:
            if block.startswith("- "):
                block = "pipelines:\n  - name: example\n    stages:\n" + "".join(f"      {line}\n" for line in block.splitlines())
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(block)
                file.flush()
                checked = subprocess.run([BINARY, "pipeline", "check", "--config", file.name], capture_output=True, text=True)
            self.assertEqual(checked.returncode, 0, f"{block}\n{checked.stderr}")

    def test_all_stages_and_options_are_there(self):
        stages = re.findall(r"make_(\w+)\(", (self.SOURCES / "stages/factories.h").read_text())
        self.assertGreater(len(stages), 20)
        headings = " ".join(re.findall(r"^### (.*)", self.TEXT, re.MULTILINE))
        for stage in stages:
            self.assertIn(f"`{stage}`", headings)
        for file in [*self.SOURCES.glob("stages/*.cc"), *self.SOURCES.glob("*.cc")]:
            for option in re.findall(r'\b(?:options\.(?:text|flag|number|count|bytes|duration|word|words|list|names?|pairs|pairs_or_list'
                                     r'|regex|regexes|named_regexes|matchers|node)|NameList)\((?:options, )?"(\w+)"', file.read_text()):
                self.assertRegex(self.TEXT, rf"`{option}\b|{option}:", f"{file.name}: {option}")


class Language(unittest.TestCase):
    TEXT = (root / "docs/logql.md").read_text()
    TIME = int(time.time()) // 86400 * 86400 - 6400  # 22:13:20

    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()
        body = json.dumps({"streams": [{"stream": {"app": "docs"}, "values": [[str(cls.TIME * 10**9), "a line"]]}]})
        status, text = cls.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})
        assert status == 204, text

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def test_queries_run(self):
        """Blank lines stand between the queries of a block."""
        count = 0
        for document in documents:
            for block in re.findall(r"^```logql\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
                for query in filter(str.strip, re.split(r"\n\s*\n", block)):
                    for call in ("format_query", "query_range"):
                        status, text = self.server.request(f"/loki/api/v1/{call}?" + urllib.parse.urlencode({"query": query}))
                        self.assertEqual(status, 200, f"{document.name}: {query}\n{text}")
                    count += 1
        self.assertGreater(count, 40)

    def test_sql_runs(self):
        """As do the queries of SQL, over tables with the columns that they name."""
        streams = [({"app": "shop", "host": "web1"}, [str(self.TIME * 10**9), '{"duration_ms": 5}', {"detected_level": "error"}])]
        body = json.dumps({"streams": [{"stream": labels, "values": [value]} for labels, value in streams]})
        status, text = self.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})
        self.assertEqual(status, 204, text)
        known = {"cpu", "memory", "process", "errors_by_service"}
        deadline = time.time() + 30
        with Livedata(BINARY, arguments=()) as collecting:
            status, text = collecting.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})
            self.assertEqual(status, 204, text)
            saved = {"language": "sql", "query": "SELECT service, count(*) AS n FROM logs GROUP BY ALL", "since": "50w", "schedule": {"every": "1s"}}
            status, text = collecting.request("/api/v1/queries/errors_by_service", json.dumps(saved), method="PUT")
            self.assertEqual(status, 201, text)
            while time.time() < deadline:
                schema = json.loads(collecting.request("/api/v1/sql/schema")[1])
                if known <= {table["name"] for table in schema["tables"]}:
                    break
                time.sleep(0.2)
            count = 0
            for document in documents:
                for block in re.findall(r"^```sql\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
                    for query in filter(str.strip, re.split(r"\n\s*\n", block)):
                        status, text = collecting.request("/api/v1/sql", query, {"Content-Type": "text/plain"})
                        self.assertEqual(status, 200, f"{document.name}: {query}\n{text}")
                        json.loads(text)
                        count += 1
            self.assertGreater(count, 8)

    def test_searches_run(self):
        """As do searches."""
        count = 0
        for document in documents:
            for block in re.findall(r"^```search\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
                for query in filter(str.strip, re.split(r"\n\s*\n", block)):
                    status, text = self.server.request("/api/v1/search", query, {"Content-Type": "text/plain"})
                    self.assertEqual(status, 200, f"{document.name}: {query}\n{text}")
                    json.loads(text)
                    count += 1
        self.assertGreater(count, 18)

    def test_all_words_of_searches_are_there(self):
        text = (root / "docs/search.md").read_text()
        commands = re.findall(r'\{"(\w+)", parse_', (root / "src/query/spl/parser.cc").read_text())
        source = (root / "src/query/spl/functions.cc").read_text()
        functions = re.findall(r'\{"(\w+)", \d', source)
        aggregates = re.findall(r'"(\w+)"', source[source.index("kStatsFunctions = {"):source.index("exactperc")])
        self.assertGreater(len(commands), 28)
        self.assertGreater(len(functions), 80)
        self.assertGreater(len(aggregates), 28)
        for word in commands + functions + aggregates:
            self.assertRegex(text, rf"`[^`\n]*\b{word}\b", word)

    def test_template_examples_give_what_is_said(self):
        rows = re.findall(r"^\| `.*?` \| .*? \| `(\{\{.*?\}\})` \| `(.*?)` \|$", self.TEXT, re.MULTILINE)
        self.assertGreater(len(rows), 60)
        for example, wanted in rows:
            template = example.replace(r"\|", "|")
            lines = self.server.query('{app="docs"} | line_format `%s`' % template, start=self.TIME, end=self.TIME + 1)
            self.assertEqual([line for _, _, line in lines], [wanted], template)

    def test_all_words_are_there(self):
        functions = [f for file in (root / "src/query/text_template").glob("*_functions.cc")
                     for f in re.findall(r'Function\{\s*"(\w+)"', file.read_text())]
        self.assertGreater(len(functions), 60)
        for name in functions:
            self.assertRegex(self.TEXT, rf"(?m)^\|.*`{name}[ `].*\| `\{{\{{", name)
        words = re.findall(r'"([a-z_]{3,})"', (root / "src/query/logql/names.h").read_text())
        self.assertGreater(len(words), 30)
        for word in words:
            self.assertRegex(self.TEXT, rf"\b{word}\b")


if __name__ == "__main__":
    unittest.main()
