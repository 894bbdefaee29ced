#!/usr/bin/env python3
"""Keeps the documents true: links lead somewhere, and the settings table is the program's own."""
import pathlib
import re
import unittest

root = pathlib.Path(__file__).resolve().parent.parent.parent
documents = [*root.glob("*.md"), *root.glob("docs/*.md")]


class Documents(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for document in documents:
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
                if not target.startswith("http"):
                    self.assertTrue((document.parent / target).exists(), f"{document.name}: {target}")

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


if __name__ == "__main__":
    unittest.main()
