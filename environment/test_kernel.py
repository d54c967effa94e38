"""Speaks the Jupyter protocol to the installed Java kernel, as a notebook does."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from jupyter_client import KernelManager

os.environ["JUPYTER_PATH"] = str(Path(__file__).resolve().parent / "share/jupyter")

PATIENCE_SECONDS = 60


class Notebook:
    """A running kernel and its answers."""

    def __init__(self, key=None, **options):
        self.manager = KernelManager(kernel_name="java")
        if key is not None:
            self.manager.session.key = key
        self.manager.start_kernel(**options)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_SECONDS)

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def run(self, code, **options):
        return self.collect(self.send(code, **options))

    def collect(self, request):
        """Collects all messages up to the idle status that ends a request."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            parent = message["parent_header"]
            # Jupyter's client numbers interrupts apart, so that their ids are those of requests, too.
            if parent.get("msg_id") != request or parent["msg_type"] == "interrupt_request":
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return Answer(messages, self.reply(request))

    def wait_for_output(self, request, text):
        seen = ""
        while text not in seen:
            message = self.client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def reply(self, request):
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE_SECONDS)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def interrupt(self):
        """Sends an interrupt and waits for its answer, so that it cannot meet a later cell."""
        request = self.client.session.msg("interrupt_request", {})
        self.client.control_channel.send(request)
        while True:
            answer = self.client.get_control_msg(timeout=PATIENCE_SECONDS)
            if answer["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                return


class Answer:
    """The outputs of one cell."""

    def __init__(self, messages, reply):
        self.messages = messages
        self.reply = reply

    def contents(self, kind):
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    @property
    def result(self):
        results = self.contents("execute_result")
        return results[0]["data"] if results else None

    @property
    def text(self):
        return self.result["text/plain"] if self.result else None

    def printed(self, name="stdout"):
        return "".join(c["text"] for c in self.contents("stream") if c["name"] == name)

    @property
    def error(self):
        """The error report under the cell, without colours."""
        errors = self.contents("error")
        return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(errors[0]["traceback"])) if errors else None


def wait_until_gone(pid):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


class SharedKernel(unittest.TestCase):
    """Shares one kernel between tests that do not change its state."""

    @classmethod
    def setUpClass(cls):
        cls.notebook = Notebook()

    @classmethod
    def tearDownClass(cls):
        cls.notebook.close()

    def run_cell(self, code, **options):
        return self.notebook.run(code, **options)


class Execution(SharedKernel):
    def test_says_that_it_speaks_java(self):
        request = self.notebook.client.kernel_info()
        info = self.notebook.reply(request)["language_info"]
        self.assertEqual("Java", info["name"])
        self.assertEqual("text/x-java-source", info["mimetype"])

    def test_shows_the_value_of_the_last_expression(self):
        self.assertEqual("42", self.run_cell("int six = 6;\nsix * 7").text)

    def test_shows_nothing_for_a_declaration(self):
        self.assertIsNone(self.run_cell("int seven = 7;").result)

    def test_shows_the_elements_of_an_array(self):
        self.assertEqual("[1, 2]", self.run_cell("new int[] {1, 2}").text)

    def test_keeps_declarations_for_later_cells(self):
        self.run_cell("record Point(int x, int y) {}\nPoint p(int x) { return new Point(x, x + 1); }")
        self.assertEqual("Point[x=1, y=2]", self.run_cell("p(1)").text)

    def test_offers_the_imports_of_ijava(self):
        self.assertEqual("[a]", self.run_cell('List.of("a")').text)

    def test_counts_its_cells(self):
        first = self.run_cell("1").reply["execution_count"]
        self.assertEqual(first + 1, self.run_cell("1").reply["execution_count"])

    def test_runs_silently_without_counting(self):
        before = self.run_cell("1").reply["execution_count"]
        self.assertIsNone(self.run_cell("2", silent=True).result)
        self.assertEqual(before + 1, self.run_cell("1").reply["execution_count"])

    def test_runs_every_cell_on_the_same_thread(self):
        thread = self.run_cell("Thread.currentThread().getId()").text
        self.assertEqual(thread, self.run_cell("Thread.currentThread().getId()").text)

    def test_evaluates_code_from_a_cell(self):
        self.assertEqual("3", self.run_cell('eval("1 + 2")').text)

    def test_ignores_a_cell_of_comments(self):
        self.assertEqual("ok", self.run_cell("// nothing\n").reply["status"])


class Output(SharedKernel):
    def test_separates_the_two_streams(self):
        answer = self.run_cell('System.out.print("a\\u00e9\\ud83d\\ude00"); System.err.print("b");')
        self.assertEqual("a\u00e9\U0001f600", answer.printed())
        self.assertEqual("b", answer.printed("stderr"))

    def test_streams_while_the_cell_runs(self):
        request = self.notebook.send('System.out.println("now"); Thread.sleep(3000);')
        start = time.monotonic()
        self.notebook.wait_for_output(request, "now")
        self.assertLess(time.monotonic() - start, 2)
        self.notebook.collect(request)

    def test_loses_no_line_of_a_flood(self):
        answer = self.run_cell("for (int i = 0; i < 50_000; i++) System.out.println(i);")
        self.assertEqual([str(i) for i in range(50_000)], answer.printed().split())

    def test_keeps_prints_and_pictures_in_order(self):
        answer = self.run_cell('System.out.print(1); display("x"); System.out.print(2); display("y");')
        kinds = [m["msg_type"] for m in answer.messages if m["msg_type"] in ("stream", "display_data")]
        self.assertEqual(["stream", "display_data"] * 2, kinds)

    def test_displays_html_and_text(self):
        answer = self.run_cell('var id = display("<b>x</b>", "text/html");')
        self.assertEqual("<b>x</b>", answer.contents("display_data")[0]["data"]["text/html"])

    def test_updates_a_display_in_its_place(self):
        answer = self.run_cell('var shown = display("old"); updateDisplay(shown, "new");')
        first = answer.contents("display_data")[0]
        second = answer.contents("update_display_data")[0]
        self.assertEqual("new", second["data"]["text/plain"])
        self.assertEqual(first["transient"]["display_id"], second["transient"]["display_id"])

    def test_renders_without_displaying(self):
        answer = self.run_cell('var rendered = render("x", "text/html");')
        self.assertEqual([], answer.contents("display_data"))

    def test_shows_a_picture_as_png(self):
        data = self.run_cell("new java.awt.image.BufferedImage(3, 2, 5)").result
        self.assertEqual("3x2 picture", data["text/plain"])
        self.assertTrue(data["image/png"].startswith("iVBOR"))

    def test_shows_a_chart_as_png(self):
        data = self.run_cell(
            "import org.knowm.xchart.*;\n"
            "var chart = new XYChartBuilder().width(200).height(100).build();\n"
            'var line = chart.addSeries("loss", new double[] {1, 2}, new double[] {3, 4});\n'
            "chart"
        ).result
        self.assertTrue(data["image/png"].startswith("iVBOR"))

    def test_shows_a_table_as_html(self):
        data = self.run_cell(
            "import tech.tablesaw.api.*;\n"
            'Table.create("t").addColumns(IntColumn.create("epoch", 1, 2))'
        ).result
        self.assertIn("<table", data["text/html"])
        self.assertIn("epoch", data["text/plain"])


class Errors(SharedKernel):
    def test_points_at_the_code_that_does_not_compile(self):
        answer = self.run_cell('int a = 1;\n\n  int b = a + missing;\nSystem.out.println("not reached");')
        number = answer.reply["execution_count"]
        self.assertEqual("error", answer.reply["status"])
        self.assertEqual("CompilationError", answer.reply["ename"])
        self.assertEqual(
            f"Cell [{number}], line 3: cannot find symbol\n"
            "  symbol:   variable missing\n"
            "      int b = a + missing;\n"
            "                  ^^^^^^^",
            answer.error,
        )
        self.assertEqual("", answer.printed())

    def test_points_at_an_unfinished_statement(self):
        error = self.run_cell("int a = 1;\nfor (int i = 0; i < 3; i++) {").error
        self.assertIn("line 2: reached end of file while parsing", error)

    def test_tells_an_exception_its_line_and_its_cause(self):
        self.run_cell(
            "void inner() throws IOException {\n"
            '  throw new IOException("disk");\n'
            "}"
        )
        answer = self.run_cell(
            "// a comment\n"
            "try {\n"
            "  inner();\n"
            "} catch (IOException e) {\n"
            '  throw new IllegalStateException("outer", e);\n'
            "}"
        )
        number = answer.reply["execution_count"]
        self.assertEqual("IllegalStateException", answer.reply["ename"])
        self.assertEqual("outer", answer.reply["evalue"])
        lines = answer.error.splitlines()
        self.assertEqual("java.lang.IllegalStateException: outer", lines[0])
        self.assertIn(f"    at cell [{number}], line 5: throw new Illegal", lines[1])
        self.assertIn("Caused by: java.io.IOException: disk", lines)
        self.assertIn(f'    at cell [{number - 1}], line 2: throw new IOException("disk");', lines)
        self.assertIn(f"    at cell [{number}], line 3: inner();", lines)

    def test_counts_lines_over_several_statements(self):
        error = self.run_cell("int zero = 0;\n\n\n  for (;;) {\n    int x = 1 / zero;\n  }").error
        self.assertRegex(error, r"at cell \[\d+\], line 5: int x = 1 / zero;")

    def test_leaves_its_own_frames_out(self):
        error = self.run_cell('Integer.parseInt("x")').error
        self.assertIn("java.lang.Integer.parseInt", error)
        self.assertNotIn("emnist.kernel", error)
        self.assertNotIn("reflect", error)

    def test_names_what_a_method_lacks(self):
        self.run_cell("int early() { return later(); }")
        self.assertIn("early uses what is not declared yet: method later()", self.run_cell("early()").error)

    def test_names_what_a_class_lacks(self):
        error = self.run_cell("class Early { Later later; }").error
        self.assertEqual("Early uses what is not declared yet: class Later", error)

    def test_survives_an_error_that_is_no_exception(self):
        self.run_cell("int deep(int n) { return deep(n + 1) + 1; }")
        answer = self.run_cell("deep(0)")
        self.assertEqual("StackOverflowError", answer.reply["ename"])
        self.assertLess(len(answer.error.splitlines()), 60)
        self.assertEqual("2", self.run_cell("1 + 1").text)

    def test_does_not_run_queued_cells_after_an_error(self):
        requests = [self.notebook.send(c) for c in ("Thread.sleep(500); int x = 1 / 0;", "int ran = 1;", "2")]
        statuses = [self.notebook.reply(request)["status"] for request in requests]
        self.assertEqual(["error", "aborted", "aborted"], statuses)
        self.assertEqual("3", self.run_cell("3").text)


class Interrupts(SharedKernel):
    def interrupt_after_start(self, code):
        request = self.notebook.send('System.out.println("started");\n' + code)
        self.notebook.wait_for_output(request, "started")
        time.sleep(0.5)
        self.notebook.interrupt()
        return self.notebook.collect(request)

    def assert_usable(self):
        self.assertEqual("2", self.run_cell("1 + 1").text)
        self.assertEqual("still here\n", self.run_cell('System.out.println("still here")').printed())

    def test_ends_a_sleeping_cell(self):
        answer = self.interrupt_after_start("Thread.sleep(60_000);")
        self.assertEqual("InterruptedException", answer.reply["ename"])
        self.assert_usable()

    def test_ends_a_loop_that_looks_at_the_interrupt(self):
        answer = self.interrupt_after_start(
            "while (!Thread.currentThread().isInterrupted()) {}\n"
            'System.out.println("left the loop");\n'
        )
        self.assertEqual("Interrupted", answer.reply["ename"])
        self.assertNotIn("left", answer.printed())
        self.assert_usable()

    def test_lets_code_that_deals_with_the_interrupt_finish(self):
        answer = self.interrupt_after_start(
            "{ while (!Thread.interrupted()) {} System.out.println(\"saved\"); }\n5"
        )
        self.assertEqual("5", answer.text)
        self.assertIn("saved", answer.printed())

    def test_prints_from_an_interrupted_thread(self):
        answer = self.interrupt_after_start(
            "{ while (!Thread.currentThread().isInterrupted()) {}\n"
            'for (int i = 0; i < 100; i++) System.out.println("line " + i);\n'
            'display("shown"); }'
        )
        self.assertIn("line 99\n", answer.printed())
        self.assertEqual("shown", answer.contents("display_data")[0]["data"]["text/plain"])
        self.assert_usable()

    def test_ends_a_deaf_loop_at_the_first_request(self):
        answer = self.interrupt_after_start("long n = 0;\nwhile (true) { n++; }")
        self.assertEqual("Interrupted", answer.reply["ename"])
        self.assert_usable()

    def test_does_nothing_between_cells(self):
        self.notebook.interrupt()
        self.assert_usable()


class Assistance(SharedKernel):
    def complete(self, code):
        request = self.notebook.client.complete(code, len(code))
        reply = self.notebook.reply(request)
        return {
            code[: reply["cursor_start"]] + match + code[reply["cursor_end"] :]
            for match in reply["matches"]
        }

    def inspect(self, code, cursor):
        reply = self.notebook.reply(self.notebook.client.inspect(code, cursor))
        return reply["data"].get("text/plain", "") if reply["found"] else ""

    def is_complete(self, code):
        return self.notebook.reply(self.notebook.client.is_complete(code))

    def test_completes_a_member(self):
        self.assertIn("System.out.println(", self.complete("System.out.printl"))

    def test_completes_a_declared_name_on_a_later_line(self):
        self.run_cell("int learningRate = 1;")
        code = 'String s = "\U0001f600";\nint x = learn'
        self.assertIn('String s = "\U0001f600";\nint x = learningRate', self.complete(code))

    def test_completes_on_the_class_path(self):
        found = set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not found and time.monotonic() < deadline:  # JShell reads the class path meanwhile
            found = self.complete("import org.knowm.xcha")
        self.assertIn("import org.knowm.xchart.", found)

    def test_shows_signatures(self):
        code = 'int a = 1;\n"abc".substring(1)'
        found = self.inspect(code, code.index("string("))
        self.assertIn("String String.substring(int beginIndex, int endIndex)", found)

    def test_finds_nothing_in_empty_space(self):
        self.assertEqual("", self.inspect("   ", 1))

    def test_knows_complete_code(self):
        self.assertEqual("complete", self.is_complete("int a = 1;\nint b = 2;")["status"])

    def test_knows_incomplete_code_and_its_indent(self):
        reply = self.is_complete("int a = 1;\nfor (;;) {")
        self.assertEqual(("incomplete", "    "), (reply["status"], reply["indent"]))

    def test_knows_invalid_code(self):
        self.assertEqual("invalid", self.is_complete("int a = 1; )")["status"])


class ClassPath(SharedKernel):
    def build_class(self, folder, name):
        source = folder / f"{name}.java"
        source.write_text(f"package made; public class {name} {{ public static int n() {{ return 7; }} }}")
        java = self.notebook.manager.kernel_spec.argv[0]
        subprocess.run(
            [str(Path(java).with_name("javac")), "-d", str(folder), str(source)], check=True
        )

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_adds_a_folder(self):
        folder = Path(self.folder.name)
        self.build_class(folder, "InFolder")
        answer = self.run_cell(f"int before = 1;\n%classpath {folder}\nmade.InFolder.n()")
        self.assertEqual("7", answer.text)

    def test_adds_jars(self):
        folder = Path(self.folder.name)
        self.build_class(folder, "InJar")
        java = self.notebook.manager.kernel_spec.argv[0]
        subprocess.run(
            [str(Path(java).with_name("jar")), "cf", str(folder / "a.jar"), "-C", str(folder), "made"],
            check=True,
        )
        self.assertEqual("7", self.run_cell(f"%jars {folder}/*.jar\nmade.InJar.n()").text)

    def test_says_when_a_path_does_not_exist(self):
        error = self.run_cell("%classpath /no/such/folder").error
        self.assertIn("Expected folders or jar files, found nothing at /no/such/folder.", error)


class Life(unittest.TestCase):
    def test_restarts_with_nothing_declared(self):
        notebook = Notebook()
        self.addCleanup(notebook.close)
        notebook.run("int kept = 1;")
        old = notebook.pid
        notebook.manager.restart_kernel()
        notebook.client.wait_for_ready(timeout=PATIENCE_SECONDS)
        self.assertIn("cannot find symbol", notebook.run("kept").error)
        self.assertTrue(wait_until_gone(old))

    def test_leaves_no_process_after_a_shutdown(self):
        notebook = Notebook()
        pid = notebook.pid
        notebook.close()
        self.assertTrue(wait_until_gone(pid))

    def test_ends_a_deaf_cell_at_a_shutdown(self):
        notebook = Notebook()
        pid = notebook.pid
        request = notebook.send('System.out.println("started"); while (true) {}')
        notebook.wait_for_output(request, "started")
        notebook.client.shutdown()
        notebook.client.stop_channels()
        deadline = time.monotonic() + 10
        while notebook.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse(notebook.manager.is_alive())
        notebook.manager.cleanup_resources()
        self.assertTrue(wait_until_gone(pid))

    def test_ends_when_jupyter_is_killed(self):
        code = (
            "import sys, time; from jupyter_client import KernelManager; "
            "m = KernelManager(kernel_name='java'); m.start_kernel(); c = m.client(); "
            "c.start_channels(); c.wait_for_ready(timeout=60); "
            "print(m.provisioner.pid, flush=True); time.sleep(60)"
        )
        jupyter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        pid = int(jupyter.stdout.readline())
        jupyter.send_signal(signal.SIGKILL)
        jupyter.wait()
        jupyter.stdout.close()
        self.assertTrue(wait_until_gone(pid))

    def test_starts_twenty_times_in_a_row(self):
        for start in range(20):
            with self.subTest(start=start):
                notebook = Notebook()
                try:
                    self.assertEqual("2", notebook.run("1 + 1").text)
                finally:
                    notebook.close()


if __name__ == "__main__":
    unittest.main()
