"""Runs cells in the installed Java kernel: what they change, what they declare, how they end."""

import tempfile
import threading
import time
import unittest

from environment.test_kernel import Notebook, SharedKernel
from environment.test_training import PREPARE, TRAIN

SECONDS_TO_END = 30
EARLY_PRESSES_SECONDS = 0.03


class Redeclarations(unittest.TestCase):
    def setUp(self):
        self.notebook = Notebook()
        self.addCleanup(self.notebook.close)

    def run_cells(self, *cells):
        for cell in cells:
            answer = self.notebook.run(cell)
            self.assertIsNone(answer.error)
        return answer

    def test_keep_what_a_method_once_computed(self):
        half = "double half(double x) { return x / 2; }"
        self.run_cells(
            half,
            "var h = half(3); final var g = half(5); var list = new ArrayList<>(List.of(half(1)));",
        )
        changed = self.run_cells(half.replace("x / 2", "x * 0.25"))
        self.assertEqual("", changed.printed("stderr"))
        self.assertEqual("1.5 2.5 [0.5]", self.run_cells('h + " " + g + " " + list').text)
        self.assertEqual("0.75", self.run_cells("half(3)").text)

    def test_keep_what_was_read_from_a_variable(self):
        settings = 'record Settings(int maxEpoch) {}\nSettings settings = new Settings(7);'
        self.run_cells(settings, "var epochs = settings.maxEpoch();")
        self.assertEqual("", self.run_cells(settings).printed("stderr"))
        self.assertEqual("7", self.run_cells("epochs").text)
        self.run_cells("var settings = new Settings(8);")
        self.assertEqual("7", self.run_cells("epochs").text)

    def test_keep_a_chain_of_variables(self):
        self.run_cells(
            "int a = 1;",
            "var b = a + 1;",
            "var c = new int[] {b};",
            "int sum() { return a + b + c[0]; }",
            "c[0] = 10;",
            "int a = 100;",
        )
        self.assertEqual("112", self.run_cells("sum()").text)

    def test_keep_the_values_when_a_record_is_declared_as_before(self):
        point = "record Point(int x, int y) {}"
        self.run_cells(point, "var p = new Point(1, 2); var points = List.of(p);")
        self.assertEqual("", self.run_cells(point).printed("stderr"))
        self.assertEqual("[Point[x=1, y=2]]", self.run_cells("points").text)

    def test_tell_which_variables_are_reset(self):
        self.run_cells(
            "record Point(int x, int y) {}",
            "Point p = new Point(1, 2); List<Point> points = List.of(p); int x = p.x(); Point none = null;",
        )
        changed = self.run_cells("record Point(int x, int y) { int sum() { return x + y; } }")
        self.assertEqual(
            "Reset by the new Point: p, points. Run the cells that set them.\n",
            changed.printed("stderr"),
        )
        self.assertEqual("1", self.run_cells("x").text)

    def test_tell_what_no_longer_compiles(self):
        self.run_cells(
            "int size() { return 3; }", "var text = String.valueOf(size()); Integer twice() { return 2 * size(); }"
        )
        changed = self.run_cells("String size() { return null; }")
        self.assertEqual(
            "No longer compiles with the new size: twice.\n", changed.printed("stderr")
        )
        self.assertEqual("3", self.run_cells("text").text)

    def test_tell_which_lambda_has_the_old_code(self):
        self.run_cells(
            "import java.util.function.*;\nint half(int x) { return x / 2; }\nvar quarter = (IntUnaryOperator) x -> half(half(x));"
        )
        changed = self.run_cells("int half(int x) { return x >> 1; }")
        self.assertEqual(
            "Made with the old half: quarter. Run the cells that set them.\n",
            changed.printed("stderr"),
        )

    def test_tell_which_static_field_is_reset(self):
        self.run_cells(
            "int step() { return 1; }\nclass Counter { static int count; void up() { count += step(); } }",
            "new Counter().up();",
        )
        changed = self.run_cells("int step() { return 2; }")
        self.assertIn("Reset by the new step: Counter.count.", changed.printed("stderr"))

    def test_tell_what_an_import_makes_ambiguous_and_keep_its_value(self):
        self.run_cells("List<String> names = new ArrayList<>(List.of(\"a\")); var count = names.size();")
        changed = self.run_cells("import java.awt.*;")
        self.assertEqual(
            "No longer compiles with the new java.awt.*: count, names.\n", changed.printed("stderr")
        )
        self.assertIn("cannot find symbol", self.notebook.run("names").error)
        self.assertEqual("[a] 1", self.run_cells("import java.util.List;", 'names + " " + count').text)

    def test_say_nothing_of_several_variables_with_a_new_type(self):
        self.run_cells("int width = 1, height = 2;")
        self.assertEqual("", self.run_cells('String width = "w", height = "h";').printed("stderr"))
        self.assertEqual("wh", self.run_cells("width + height").text)

    def test_say_nothing_of_what_the_cell_itself_declares_again(self):
        cell = "record Point(int x%s) {}\nPoint p = new Point(1%s);"
        self.run_cells(cell % ("", ""))
        self.assertEqual("", self.run_cells(cell % (", int y", ", 2")).printed("stderr"))
        self.assertEqual("Point[x=1, y=2]", self.run_cells("p").text)


class Declarations(SharedKernel):
    def test_name_each_other_in_any_order(self):
        answer = self.run_cell(
            "class Node { Tree tree; }\nclass Tree { Node root = new Node(); }\nnew Tree().root.tree == null"
        )
        self.assertEqual("true", answer.text)

    def test_seal_an_interface_above_its_records(self):
        answer = self.run_cell(
            "sealed interface Shape permits Circle, Square {}\n"
            "record Circle(int r) implements Shape {}\n"
            "record Square(int a) implements Shape {}\n"
            "Shape shape = new Circle(1);\nshape"
        )
        self.assertEqual("Circle[r=1]", answer.text)

    def test_extend_a_class_that_follows(self):
        answer = self.run_cell(
            "class Lower extends Upper { int two() { return 2 * one(); } }\n"
            "class Upper { int one() { return 1; } }\nnew Lower().two()"
        )
        self.assertEqual("2", answer.text)

    def test_come_before_a_statement_that_waits_for_them(self):
        answer = self.run_cell(
            "int twice(int n) { return times(2, n); }\n"
            "System.out.println(twice(4));\n"
            "int times(int a, int b) { return a * b; }"
        )
        self.assertIsNone(answer.error)
        self.assertEqual("8\n", answer.printed())

    def test_are_an_error_if_still_undefined_at_the_end(self):
        error = self.run_cell("class Lost { Nowhere nowhere; }\nclass Found {}\nint seen = 1;").error
        self.assertEqual("Lost uses what is not declared yet: class Nowhere", error)
        self.assertEqual("1", self.run_cell("seen").text)

    def test_are_named_when_a_statement_needs_them(self):
        error = self.run_cell("class Lost2 { Nowhere nowhere; }\nnew Lost2()").error
        self.assertEqual("Lost2 uses what is not declared yet: class Nowhere", error)

    def test_end_where_a_case_throws(self):
        answer = self.run_cell(
            "int one = 1;\n"
            "switch (one) { case 2 -> throw new IllegalStateException(); default -> System.out.println(one); }\n"
            'String s = switch (one) { case 1 -> "a"; default -> throw new IllegalStateException(); };\n'
            "s"
        )
        self.assertEqual("1\n", answer.printed())
        self.assertEqual("a", answer.text)

    def test_show_no_value_after_a_declaration(self):
        self.assertIsNone(self.run_cell("1 + 1;\nint last() { return 3; }").result)

    def test_report_an_error_without_a_position(self):
        error = self.run_cell("new ServerSocket(0) {{ setSoTimeout(0); }}.getSoTimeout();").error
        self.assertIn("unreported exception java.io.IOException", error)


class Presses(SharedKernel):
    """Ends cells by an interrupt; @ in a cell prints that it has started."""

    def press(self, code, times=1):
        request = self.notebook.send(code.replace("@", 'System.out.println("started");'))
        self.notebook.wait_for_output(request, "started")
        for _ in range(times):
            time.sleep(EARLY_PRESSES_SECONDS)
            self.notebook.interrupt()
        start = time.monotonic()
        answer = self.notebook.collect(request)
        self.assertLess(time.monotonic() - start, SECONDS_TO_END)
        self.assertEqual("2", self.run_cell("1 + 1").text)
        return answer

    def assert_interrupted(self, code, times=1):
        answer = self.press(code, times)
        self.assertEqual("Interrupted", answer.reply["ename"])
        self.assertEqual("The cell was interrupted.", answer.error)
        return answer

    def assert_left_behind(self, code, call):
        answer = self.press(code)
        self.assertEqual(
            f"The cell was interrupted, but {call} ignores that and still runs in the background."
            " Restart the kernel to end it.",
            answer.error,
        )

    def test_end_a_loop(self):
        self.assert_interrupted("{ @ while (true) {} }")
        self.assert_interrupted("{ @ while (true) { Thread.onSpinWait(); } }")
        self.assert_interrupted("{ @ long n = 0; do { n++; } while (n != -1); }", 2)

    def test_end_a_recursion(self):
        self.run_cell("int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }")
        self.assert_interrupted("{ @ fib(70); }")

    def test_end_streams(self):
        self.run_cell("import java.util.stream.*;")
        self.assert_interrupted("{ @ Stream.iterate(1, x -> x + 1).forEach(x -> {}); }")
        self.assert_interrupted("{ @ IntStream.range(0, 99).parallel().forEach(x -> { while (true) {} }); }")

    def test_end_a_loop_that_swallows_interrupts(self):
        self.assert_interrupted("{ @ for (;;) try { Thread.sleep(50); } catch (Exception e) {} }")
        self.assert_interrupted("{ @ for (;;) try { Thread.sleep(60_000); } catch (InterruptedException e) {} }")
        self.assert_interrupted("{ @ for (;;) try { Math.sin(1); } catch (Throwable e) {} }")

    def test_end_the_next_statement_too(self):
        self.assert_interrupted(
            "try { @ Thread.sleep(60_000); } catch (InterruptedException e) {}\nwhile (true) {}"
        )

    def test_end_waiting(self):
        for wait in ("Thread.sleep(60_000);", "new LinkedBlockingQueue<String>().take();",
                     "synchronized (this_) { this_.wait(); }", "new CountDownLatch(1).await();"):
            answer = self.press("{ Object this_ = new Object(); @ " + wait + " }")
            self.assertEqual("InterruptedException", answer.reply["ename"])

    def test_end_evaluated_code(self):
        answer = self.press('@ eval("Thread.sleep(60_000);")')
        self.assertEqual("error", answer.reply["status"])

    def test_end_the_rendering_of_a_value(self):
        self.assert_interrupted(
            "class Endless { public String toString() { @ while (true) {} } }\nnew Endless()"
        )

    def test_leave_a_deaf_call_behind(self):
        self.assert_left_behind("{ @ new ServerSocket(0).accept(); }", "ServerSocket.accept")
        self.assert_left_behind(
            "{ var server = new ServerSocket(0); var client = new Socket(\"localhost\", server.getLocalPort());"
            " @ client.getInputStream().read(); }",
            "SocketInputStream.read",
        )

    def test_leave_a_deaf_loop_of_a_library_behind(self):
        self.assert_left_behind(
            "{ @ java.util.stream.Stream.generate(Object::new).allMatch(Objects::nonNull); }",
            "ReferencePipeline.allMatch",
        )

    def test_run_the_blocks_that_clean_up(self):
        answer = self.assert_interrupted(
            "class Open implements AutoCloseable { public void close() {"
            ' for (int i = 0; i < 10; i++) {} System.out.println("closed"); } }\n'
            "try (Open open = new Open()) { @ while (true) {} }\n"
            'finally { Thread.sleep(100); System.out.println("finished"); }\n'
            'System.out.println("not reached");',
            2,
        )
        self.assertIn("closed\nfinished\n", answer.printed())
        self.assertNotIn("reached", answer.printed())

    def test_are_not_caught_with_the_exceptions_of_the_cell(self):
        answer = self.assert_interrupted(
            '{ @ try { while (true) {} } catch (Exception e) { System.out.println("caught"); } }'
        )
        self.assertNotIn("caught", answer.printed())

    def test_let_code_that_deals_with_them_finish(self):
        answer = self.press(
            "{ @ while (!Thread.interrupted()) {}\n"
            'for (int i = 0; i < 5; i++) Thread.sleep(50); System.out.println("saved"); }\n5',
            3,
        )
        self.assertEqual("5", answer.text)
        self.assertIn("saved", answer.printed())

    def test_harm_nothing_at_any_moment(self):
        done = threading.Event()

        def press():
            while not done.wait(0.1):
                self.notebook.interrupt()

        presses = threading.Thread(target=press)
        presses.start()
        cells = [self.notebook.send(f"record R{i}(int x) {{}}\nnew R{i}({i})") for i in range(10)]
        replies = [self.notebook.reply(cell) for cell in cells]
        done.set()
        presses.join()
        time.sleep(1)
        self.assertTrue(all(reply["status"] in ("ok", "error", "aborted") for reply in replies))
        self.assertIsNone(self.run_cell("import java.util.zip.*;\nvar crc = new CRC32();").error)

    def test_stay_on_one_thread(self):
        name = "Thread.currentThread().getId()"
        before = self.run_cell(name).text
        self.assert_interrupted("{ @ while (true) {} }")
        self.assertEqual(before, self.run_cell(name).text)


class PressesInTraining(unittest.TestCase):
    PROGRESS = (
        "var position = Checkpoint.latest(outputDir).orElseThrow().run().position();\n"
        "position.epoch() * 1000 + position.batch()"
    )

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.notebook = Notebook()
        self.addCleanup(self.notebook.close)
        self.assertIsNone(self.notebook.run(PREPARE % folder.name).error)

    def press(self, code, output, times):
        request = self.notebook.send(code)
        self.notebook.wait_for_output(request, output)
        for _ in range(times):
            self.notebook.interrupt()
            time.sleep(EARLY_PRESSES_SECONDS)
        reply = self.notebook.reply(request)
        return reply

    def test_save_the_state_however_many(self):
        before = 0
        for times in (1, 2, 3, 20):
            with self.subTest(times=times):
                reply = self.press(TRAIN, "loss", times)
                self.assertEqual("InterruptedException", reply["ename"])
                self.assertIn("the network of that moment is in", reply["evalue"])
                progress = int(self.notebook.run(self.PROGRESS).text)
                self.assertGreater(progress, before)
                before = progress

    def test_save_the_state_when_they_meet_the_code_of_the_cell(self):
        for body in ("while (true) {}", "Thread.sleep(60_000);",
                     "while (true) try { Thread.sleep(60_000); } catch (Exception e) {}"):
            with self.subTest(body=body):
                code = TRAIN.replace("{}", '{ System.out.println("after"); ' + body + " }")
                reply = self.press(code, "after", 2)
                self.assertEqual("InterruptedException", reply["ename"])
                self.assertIn("the network of that moment is in", reply["evalue"])

    def test_end_a_loop_of_operators(self):
        reply = self.press(
            "{ var x = manager.ones(new ai.djl.ndarray.types.Shape(300, 300));\n"
            'System.out.println("started"); while (true) { x.matMul(x).close(); } }',
            "started",
            1,
        )
        self.assertEqual("Interrupted", reply["ename"])
        self.assertEqual("2", self.notebook.run("1 + 1").text)


if __name__ == "__main__":
    unittest.main()
