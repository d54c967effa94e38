"""Magics, the text of cells and of values, and help while typing, over the Jupyter protocol."""

import os
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from environment.test_kernel import PATIENCE_SECONDS, Notebook, SharedKernel

# Maven's own plugins need this library, so every local repository has it; the project does not use it.
LIBRARY = "javax.inject:javax.inject:1"
DEPENDENCY = (
    "<dependency><groupId>javax.inject</groupId><artifactId>javax.inject</artifactId>"
    "<version>1</version></dependency>"
)


class CellText(SharedKernel):
    """What is a magic, and what is text that looks like one."""

    def assert_text(self, code, expected=None):
        answer = self.run_cell(code)
        self.assertIsNone(answer.error)
        self.assertEqual(expected, answer.text)

    def test_skips_a_magic_in_a_comment(self):
        self.assert_text("/* notes:\n %classpath was used in IJava\n*/")
        self.assert_text("// a line\n// %jars lib/*.jar\n/** \" */ 5", "5")

    def test_skips_a_magic_in_a_text_block(self):
        self.assert_text(
            'var block = """\n  %jars x.jar\n  \\"""\n  %maven a:b:1\n  """;\nblock.lines().count()', "3"
        )

    def test_skips_a_magic_after_quotes_in_characters_and_strings(self):
        self.assert_text(
            "char quote = '\"';\nString open = \"/*\\\"\";\nint a = 7; /*\n%jars no.jar\n*/ a", "7"
        )

    def test_keeps_a_remainder_at_the_start_of_a_line(self):
        self.assert_text("int jars = 4;\nint rest = 11\n  % jars;\nrest\n%jars", "3")

    def test_takes_a_path_with_stars_as_a_path(self):
        error = self.run_cell("%jars /no/**/*.jar\n/* a comment */ int b = 1;").error
        self.assertEqual(
            f"Expected jar files, found nothing at /no/**/*.jar. Check the path; it starts from {Path.cwd()}.",
            error,
        )

    def test_keeps_the_lines_of_errors_below_a_magic(self):
        error = self.run_cell("%classpath /tmp\nint c = missing;").error
        self.assertIn("line 2: cannot find symbol", error)

    def test_lists_the_magics_when_one_is_unknown(self):
        for line in ("%matplotlib inline", "%%html\n<b>x</b>", "% jars x"):
            with self.subTest(line=line):
                error = self.run_cell(line).error
                self.assertIn("Expected one of %classpath FOLDERS_OR_JARS, %jars JARS, %maven GROUP", error)
                self.assertIn(f"found {line.split()[0]}. Correct the line.", error)

    def test_names_an_unclosed_comment(self):
        answer = self.run_cell("int d = 1;\n/* a note\nint e = 2;")
        self.assertEqual("CompilationError", answer.reply["ename"])
        self.assertEqual(
            "Expected */ at the end of the comment that starts in line 2, found the end of the cell."
            " Close the comment.",
            answer.error,
        )

    def test_names_an_unclosed_text_block(self):
        error = self.run_cell('var f = """\n  text";').error
        self.assertIn('Expected """ at the end of the text block that starts in line 1', error)

    def test_waits_for_the_end_of_comments_and_text_blocks(self):
        for code in ("/* a", "int g = 1; /* a", 'var h = """\n  a', "class I { /* a"):
            with self.subTest(code=code):
                self.assertEqual("incomplete", self.is_complete(code))

    def test_knows_complete_cells_with_magics(self):
        for code in ("%jars x.jar\nint j = 1;", "/* %jars x */ int k = 1;", "%%loadFromPOM\n<dependency>"):
            with self.subTest(code=code):
                self.assertEqual("complete", self.is_complete(code))

    def is_complete(self, code):
        return self.notebook.reply(self.notebook.client.is_complete(code))["status"]


class Libraries(SharedKernel):
    """Libraries from the installed Maven."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.added = cls.notebook.run(f"%maven {LIBRARY}\njavax.inject.Inject.class.getSimpleName()")
        if "from Maven" in (cls.added.error or ""):
            cls.tearDownClass()
            raise unittest.SkipTest(cls.added.error)

    def restart(self):
        self.notebook.manager.restart_kernel()
        self.notebook.client.wait_for_ready(timeout=PATIENCE_SECONDS)

    def assert_on_the_class_path(self):
        self.assertEqual("Inject", self.run_cell("javax.inject.Inject.class.getSimpleName()").text)

    def test_adds_a_library_silently(self):
        self.assertIsNone(self.added.error)
        self.assertEqual("Inject", self.added.text)
        self.assertEqual("", self.added.printed() + self.added.printed("stderr"))

    def test_adds_the_dependencies_below_a_cell_magic(self):
        self.restart()
        self.assertIsNone(self.run_cell(f"%%loadFromPOM\n<!-- a note -->\n{DEPENDENCY}").error)
        self.assert_on_the_class_path()

    def test_adds_the_dependencies_of_a_file(self):
        self.restart()
        with tempfile.TemporaryDirectory() as folder:
            pom = Path(folder, "a pom.xml")
            pom.write_text(
                "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>"
                f"<version>1</version><dependencies>{DEPENDENCY}</dependencies></project>"
            )
            self.assertIsNone(self.run_cell(f'%loadFromPOM "{pom}"').error)
        self.assert_on_the_class_path()

    def test_says_what_maven_did_not_find(self):
        answer = self.run_cell("%maven no.such.group:nothing:1.0")
        self.assertRegex(
            answer.error,
            r"^Expected libraries from Maven, found: .*no\.such\.group:nothing:jar:1\.0.*\. "
            r"Check their names and the network\.$",
        )
        self.assertLess(len(answer.error), 400)

    def test_says_what_coordinates_are(self):
        self.assertEqual(
            "Expected group:artifact:version, found commons-math3. Copy it from the library's page.",
            self.run_cell("%maven commons-math3").error,
        )

    def test_says_what_is_wrong_with_the_xml(self):
        for body, found in (
            ("<dependency>\n<groupId>a</artifactId>", "an error: The element type "),
            ("a:b:1", "none."),
        ):
            with self.subTest(body=body):
                answer = self.run_cell(f"%%loadFromPOM\n{body}")
                self.assertIn(f"Expected a <dependency> in XML, found {found}", answer.error)
                self.assertEqual("", answer.printed("stderr"))

    def test_says_what_is_wrong_with_a_project(self):
        error = self.run_cell("%%loadFromPOM\n<project><no></project>").error
        self.assertIn("Expected libraries from Maven, found: Non-parseable POM", error)

    def test_says_that_a_file_does_not_exist(self):
        error = self.run_cell("%loadFromPOM /no/pom.xml").error
        self.assertIn("Expected a pom.xml, found nothing at /no/pom.xml.", error)


class OtherMaven(unittest.TestCase):
    """A kernel that finds a script of the test's in place of Maven."""

    def start(self, script=None):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        if script:
            maven = self.folder / "mvn"
            maven.write_text("#!/bin/sh\n" + script)
            maven.chmod(0o755)
        path = f"{self.folder}:/usr/bin:/bin" if script else str(self.folder)
        with mock.patch.dict(os.environ, PATH=path):
            self.notebook = Notebook()
        self.addCleanup(self.notebook.close)

    def test_says_that_there_is_no_maven(self):
        self.start()
        error = self.notebook.run(f"%maven {LIBRARY}").error
        self.assertIn('Expected to run Maven, found Cannot run program "mvn"', error)
        self.assertIn("Install Maven 3.8 or newer, or use %jars.", error)

    def test_uses_the_network_only_for_what_is_not_there(self):
        self.start('echo "$@" >> "$(dirname "$0")/calls"; echo "[ERROR] Disk full -> [Help 1]"; exit 1')
        error = self.notebook.run(f"%maven {LIBRARY}").error
        self.assertIn("found: Disk full. Check", error)
        calls = (self.folder / "calls").read_text().splitlines()
        self.assertEqual([True, False], ["--offline" in call for call in calls])

    def test_finds_the_reason_in_what_maven_3_9_says(self):
        said = (
            "[ERROR] Failed to execute goal on project cell: "
            "Could not resolve dependencies for project notebook:cell:pom:1",
            "[ERROR] dependency: a:b:jar:1 (compile)",
            "[ERROR] \tCould not find artifact a:b:jar:1 in central",
            "[ERROR] -> [Help 1]",
        )
        self.start("".join(f"printf '%s\\n' '{line}'; " for line in said) + "exit 1")
        self.assertEqual(
            "Expected libraries from Maven, found: Could not find artifact a:b:jar:1 in central. "
            "Check their names and the network.",
            self.notebook.run("%maven a:b:1").error,
        )

    def test_adds_no_jar_twice(self):
        self.start(
            'for word; do case "$word" in '
            '-Dmdep.outputFile=*) echo "/no/a.jar:/no/a.jar" > "${word#*=}";; '
            "esac; done"
        )
        self.assertIsNone(self.notebook.run(f"%maven {LIBRARY}\n%maven {LIBRARY}").error)
        loader = "((java.net.URLClassLoader) Thread.currentThread().getContextClassLoader())"
        urls = self.notebook.run(f"Arrays.toString({loader}.getURLs())").text
        self.assertEqual(1, urls.count("/no/a.jar"))

    def test_ends_maven_at_an_interrupt(self):
        self.start('touch "$(dirname "$0")/started"; sleep 60')
        request = self.notebook.send(f"%maven {LIBRARY}\nint reached = 1;")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (self.folder / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.notebook.interrupt()
        answer = self.notebook.collect(request)
        self.assertEqual("Interrupted", answer.reply["ename"])
        self.assertIn("cannot find symbol", self.notebook.run("reached").error)


class Values(SharedKernel):
    """The text and pictures of values that are large, broken or special."""

    def text_of(self, code):
        answer = self.run_cell(code)
        self.assertIsNone(answer.error)
        return answer.text

    def test_shows_the_elements_of_nested_arrays(self):
        self.assertEqual("[[1.5, 2.0], [], null]", self.text_of("new float[][] {{1.5f, 2}, {}, null}"))
        self.assertEqual(
            "[[1], {a=[x]}, null]",
            self.text_of("Arrays.asList(new int[] {1}, Map.of(\"a\", new char[] {'x'}), null)"),
        )

    def test_limits_the_text_of_large_values(self):
        for code, ending in (
            ("new float[1_000_000]", "0.0, … (1,000,000 elements)]"),
            ("new int[2000][2000]", "0, … (2,000 elements)], … (2,000 elements)]"),
            ('Collections.nCopies(100_000_000, "abc")', "abc, … (100,000,000 elements)]"),
            (
                "IntStream.range(0, 100_000).boxed().collect(Collectors.toMap(i -> i, i -> i))",
                ", … (100,000 entries)}",
            ),
            ('"x".repeat(5_000_000)', "x… (5,000,000 characters)"),
            ('new StringBuilder("x".repeat(5_000_000))', "x… (5,000,000 characters)"),
            ('List.of("x".repeat(5_000_000))', "x… (5,000,000 characters)]"),
            ('Optional.of("x".repeat(5_000_000))', "x… (5,000,010 characters)"),
        ):
            with self.subTest(code=code):
                text = self.text_of("import java.util.stream.*;\n" + code)
                self.assertEqual(ending, text[-len(ending):])
                self.assertLess(len(text), 10_100)

    def test_limits_what_display_shows_as_text(self):
        answer = self.run_cell('var id = display(new int[1_000_000]);')
        self.assertLess(len(answer.contents("display_data")[0]["data"]["text/plain"]), 10_100)

    def test_shows_what_is_already_rendered(self):
        self.assertEqual("<b>x</b>", self.run_cell('render("<b>x</b>", "text/html")').result["text/html"])

    def test_keeps_html_of_any_length(self):
        answer = self.run_cell('var html = display("<b>" + "x".repeat(100_000), "text/html");')
        data = answer.contents("display_data")[0]["data"]
        self.assertEqual(100_003, len(data["text/html"]))
        self.assertLess(len(data["text/plain"]), 1100)

    def test_shows_a_list_within_itself(self):
        text = self.text_of("var self = new ArrayList<Object>();\nself.add(self);\nself")
        self.assertRegex(text, r"^\[+…\]+$")

    def test_shows_what_a_text_method_throws(self):
        self.run_cell(
            'class Broken { public String toString() { throw new IllegalStateException("no text"); } }'
        )
        for code in ("new Broken()", "List.of(new Broken())"):
            with self.subTest(code=code):
                answer = self.run_cell(f"int kept = 5;\n{code}")
                self.assertIsNone(answer.error)
                self.assertIn("(toString() threw java.lang.IllegalStateException: no text)", answer.text)
        self.assertEqual("5", self.text_of("kept"))

    def test_shows_the_numbers_of_an_ndarray(self):
        self.run_cell(
            "import ai.djl.ndarray.*;\nimport ai.djl.ndarray.types.Shape;\n"
            "var manager = NDManager.newBaseManager();"
        )
        self.assertEqual(
            "ND: (2, 3) cpu() float32\n[[0., 1., 2.],\n [3., 4., 5.],\n]",
            self.text_of("manager.arange(6f).reshape(2, 3)").strip(),
        )
        large = self.text_of("manager.zeros(new Shape(1000, 1000))")
        self.assertIn("(1000, 1000) cpu() float32", large)
        self.assertLess(len(large), 2000)
        self.assertIn("0 : (2) float32", self.text_of("new NDList(manager.ones(new Shape(2)))"))
        self.assertIn("ND: (2) cpu() float32", self.text_of("List.of(manager.ones(new Shape(2)))"))

    def test_shows_a_closed_ndarray(self):
        self.assertEqual(
            "This array is already closed",
            self.text_of(
                "import ai.djl.ndarray.*;\n"
                "NDArray closed;\n"
                "try (var manager = NDManager.newBaseManager()) { closed = manager.create(1f); }\n"
                "closed"
            ),
        )

    def test_shows_the_first_rows_of_a_long_table(self):
        data = self.run_cell(
            "import tech.tablesaw.api.*;\n"
            'Table.create("t").addColumns(IntColumn.indexColumn("epoch", 1234, 1), '
            'StringColumn.create("name", Collections.nCopies(1234, "<i>")))'
        ).result
        html = data["text/html"]
        self.assertEqual(21, html.count("<tr>"))
        self.assertIn("<th>epoch</th>", html)
        self.assertIn("<td>&lt;i&gt;</td>", html)
        self.assertTrue(html.endswith("<p>The first 20 of 1,234 rows</p>"))
        self.assertLess(len(data["text/plain"]), 2000)


if __name__ == "__main__":
    unittest.main()
