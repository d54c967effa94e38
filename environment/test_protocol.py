"""Sends the Java kernel what breaks the Jupyter protocol, and reads what it answers.

python -m environment.test_protocol 10000 runs only the fuzz test, with 10,000 messages on each channel.
"""

import hashlib
import hmac
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

import zmq

from environment.test_kernel import PATIENCE_SECONDS, Notebook, SharedKernel

DELIMITER = b"<IDS|MSG>"
CHANNELS = ("shell", "control", "stdin")
FUZZ = int(os.environ.get("FUZZ", 1000))


class Peer:
    """Raw sockets beside those of the notebook."""

    def __init__(self, notebook):
        self.info = notebook.manager.get_connection_info()
        self.key = self.info["key"]
        self.context = zmq.Context()
        self.sockets = {}
        for channel in CHANNELS:
            self.sockets[channel] = self.context.socket(zmq.DEALER)
            self.sockets[channel].set_hwm(0)
            self.sockets[channel].connect(f"tcp://{self.info['ip']}:{self.info[channel + '_port']}")

    def close(self):
        self.context.destroy(linger=0)

    def sign(self, parts):
        return hmac.new(self.key, b"".join(parts), hashlib.sha256).hexdigest().encode() if self.key else b""

    def send(self, channel, parts):
        self.sockets[channel].send_multipart([DELIMITER, self.sign(parts), *parts])

    def ask(self, channel, kind="kernel_info_request", content=None):
        """The content of the reply to a correct request."""
        parts = message(kind, content or {})
        identity = json.loads(parts[0])["msg_id"]
        self.send(channel, parts)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.sockets[channel].poll(1000 * max(0, deadline - time.monotonic())):
            frames = self.sockets[channel].recv_multipart()
            if json.loads(frames[3]).get("msg_id") == identity:
                return json.loads(frames[5])
        raise AssertionError(f"Expected a reply to {kind} on the {channel} channel, found none.")


def header(kind, **changes):
    return {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "test", "username": "test",
            "date": "2026-01-01T00:00:00Z", "version": "5.3"} | changes


def message(kind, content):
    """The four signed parts of a message."""
    return [json.dumps(part).encode() for part in (header(kind), {}, {}, content)]


def without(fields, name):
    return {key: value for key, value in fields.items() if key != name}


def bad_parts():
    """Correctly signed messages that break the protocol, by what is wrong with them."""
    good = message("execute_request", {"code": "ran = true;"})
    fields = header("execute_request")

    def part(index, value):
        changed = list(good)
        changed[index] = value if isinstance(value, bytes) else json.dumps(value).encode()
        return changed

    return {
        "no JSON": part(3, b"{ code"),
        "empty content": part(3, b""),
        "lenient JSON": part(3, b"{code: 'ran = true;'}"),
        "no JSON in the header": part(0, b"\xff\xfe\x00"),
        "empty header": part(0, b""),
        "null header": part(0, b"null"),
        "header {}": part(0, {}),
        "header is a list": part(0, [1]),
        "header without msg_type": part(0, without(fields, "msg_type")),
        "header without msg_id": part(0, without(fields, "msg_id")),
        "msg_type is a number": part(0, fields | {"msg_type": 5}),
        "msg_type is null": part(0, fields | {"msg_type": None}),
        "unknown type": part(0, fields | {"msg_type": "nonsense_request"}),
        "parent is a list": part(1, b"[]"),
        "no JSON in the metadata": part(2, b"}"),
        "content is a list": part(3, [1, 2]),
        "content is null": part(3, None),
        "no code": part(3, {}),
        "code is a number": part(3, {"code": 5}),
        "code is null": part(3, {"code": None}),
        "code is an object": part(3, {"code": {"a": 1}}),
        "silent is a text": part(3, {"code": "ran = true;", "silent": "no"}),
        "user_expressions is a list": part(3, {"code": "ran = true;", "user_expressions": [1]}),
        "deep JSON": part(3, b"[" * 100_000 + b"]" * 100_000),
        "deep JSON in an object": part(3, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        "unfinished deep JSON": part(3, b'{"code":' + b"[" * 1_000_000),
        "huge text": part(3, b'{"code": 5, "x": "' + b"x" * 20_000_000 + b'"}'),
        "huge number": part(3, b'{"code": 1e999999999}'),
    }


def bad_frames(peer):
    """Frames that are no message, by what is wrong with them."""
    good = message("execute_request", {"code": "ran = true;"})
    signature = peer.sign(good)
    return {
        "wrong signature": [DELIMITER, b"0" * 64, *good],
        "short signature": [DELIMITER, signature[:10], *good],
        "long signature": [DELIMITER, signature + b"00", *good],
        "empty signature": [DELIMITER, b"", *good],
        "signature of binary": [DELIMITER, b"\xff\x00", *good],
        "no signature": [DELIMITER, *good],
        "no delimiter": [signature, *good],
        "two frames": [DELIMITER, signature],
        "one part missing": [DELIMITER, peer.sign(good[:3]), *good[:3]],
        "one empty frame": [b""],
        "many empty frames": [b""] * 50,
        "only a delimiter": [DELIMITER],
    }


class WatchedNotebook(Notebook):
    """A kernel whose terminal is a file."""

    def __init__(self):
        self.terminal = tempfile.TemporaryFile("a+")
        super().__init__(stderr=self.terminal)

    def close(self):
        super().close()
        self.terminal.close()

    def told(self):
        self.terminal.seek(0)
        return [line for line in self.terminal.read().splitlines() if line.startswith("Java kernel:")]


class Hostile(unittest.TestCase):
    """One kernel that many bad messages are sent to."""

    @classmethod
    def setUpClass(cls):
        cls.notebook = WatchedNotebook()
        cls.peer = Peer(cls.notebook)
        cls.notebook.run("boolean ran = false;")

    @classmethod
    def tearDownClass(cls):
        cls.peer.close()
        cls.notebook.close()

    def assert_hears(self):
        for channel in ("shell", "control"):
            self.assertEqual("ok", self.peer.ask(channel)["status"])
        request = self.notebook.send("new Scanner(System.in).nextLine()", allow_stdin=True)
        question = self.notebook.client.get_stdin_msg(timeout=PATIENCE_SECONDS)
        self.assertEqual("input_request", question["msg_type"])
        self.notebook.client.input("heard")
        self.assertEqual("heard", self.notebook.collect(request).text)
        self.assertEqual("false", self.notebook.run("ran").text)

    def assert_told(self, *reasons):
        """Each reason stands on the terminal once for each channel."""
        told = "\n".join(self.notebook.told())
        for channel in CHANNELS:
            for reason in reasons:
                self.assertEqual(1, told.count(f"on the {channel} channel, because {reason}."), told)

    def test_drops_frames_that_are_no_message(self):
        for channel in CHANNELS:
            for wrong, frames in bad_frames(self.peer).items():
                with self.subTest(channel=channel, wrong=wrong):
                    self.peer.sockets[channel].send_multipart(frames)
                    for answering in ("shell", "control"):
                        self.assertEqual("ok", self.peer.ask(answering)["status"])
            self.assert_hears()
        self.assert_told("its signature is wrong", "parts of it are missing")

    def test_drops_signed_messages_that_break_the_protocol(self):
        for channel in CHANNELS:
            for wrong, parts in bad_parts().items():
                with self.subTest(channel=channel, wrong=wrong):
                    self.peer.send(channel, parts)
                    for answering in ("shell", "control"):
                        self.assertEqual("ok", self.peer.ask(answering)["status"])
            self.assert_hears()
        self.assert_told("a part of it is not a JSON object", "its msg_type is not a text", "its type is unknown")

    def test_answers_a_request_with_wrong_content_by_an_error(self):
        reply = self.peer.ask("shell", "execute_request", {"code": 5})
        self.assertEqual(("error", "its code is not a text"), (reply["status"], reply["evalue"]))

    def test_drops_what_a_web_page_sends(self):
        body = b"\x01\x00" * 500 + b"\xff" + b"\x7f" * 8 + b"x" * 1000
        requests = (
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
            b"\xff" * 100,
            b"\xff" + b"\x00" * 8 + b"\x7f\x03" + b"x" * 200,
        )
        for name in ("shell", "control", "stdin", "iopub", "hb"):
            for request in requests:
                with self.subTest(port=name, request=request[:10]):
                    with socket.create_connection((self.peer.info["ip"], self.peer.info[f"{name}_port"])) as page:
                        page.sendall(request)
                        time.sleep(0.1)
            self.assert_hears()
        told = [line for line in self.notebook.told() if "does not speak ZeroMQ" in line]
        self.assertEqual(5, len(told))
        self.assertTrue(self.notebook.client.is_alive() and self.notebook.client.hb_channel.is_beating())

    def test_runs_a_copied_message_once(self):
        self.notebook.run("int runs = 0;")
        parts = message("execute_request", {"code": "runs++;"})
        for _ in range(3):
            self.peer.send("shell", parts)
        self.peer.send("control", parts)
        self.peer.ask("shell")
        self.peer.ask("control")
        self.assertEqual("1", self.notebook.run("runs").text)
        self.assertIn("it is a copy of an earlier one", "".join(self.notebook.told()))

    def test_tells_a_flood_once(self):
        before = len(self.notebook.told())
        for _ in range(2000):
            self.peer.sockets["shell"].send_multipart([DELIMITER, b"", *message("kernel_info_request", {})])
        self.assertEqual("ok", self.peer.ask("shell")["status"])
        self.assertLessEqual(len(self.notebook.told()), before + 1)

    def test_closes_a_comm(self):
        request = message("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
        self.peer.send("shell", request)
        while (answer := self.notebook.client.get_iopub_msg(timeout=PATIENCE_SECONDS))["msg_type"] != "comm_close":
            pass
        self.assertEqual("c", answer["content"]["comm_id"])

    def test_answers_requests_that_it_has_nothing_for(self):
        self.assertEqual([], self.peer.ask("shell", "history_request", {"hist_access_type": "tail", "n": 3})["history"])
        self.assertEqual({}, self.peer.ask("shell", "comm_info_request", {})["comms"])

    def test_survives_mutated_messages(self):
        fuzz(self, FUZZ)


def mutate(chance, channel):
    """A message with one thing wrong, at least most of the time."""
    kind, content = chance.choice(
        [
            ("kernel_info_request", {}),
            ("execute_request", {"code": "1 + 1", "silent": False, "user_expressions": {"a": "2"}}),
            ("complete_request", {"code": "Math.ab", "cursor_pos": 7}),
            ("inspect_request", {"code": "Math.abs", "cursor_pos": 7, "detail_level": 0}),
            ("is_complete_request", {"code": "int a = 1;"}),
            ("history_request", {"hist_access_type": "tail", "n": 1}),
            ("comm_open", {"comm_id": "c", "target_name": "t", "data": {}}),
            ("interrupt_request", {}),
            ("input_reply", {"value": "a"}),
        ]
    )
    odd = (None, True, -1, 2**70, 0.5, "", "\ud800", "x" * 1000, [], {}, [[{}]], {"a": [None]})
    parts = message(kind, content)
    where = chance.randrange(4)
    what = chance.randrange(6)
    if what == 0:  # other bytes
        changed = bytearray(parts[where])
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        parts[where] = bytes(changed)
    elif what == 1:  # cut short
        parts[where] = parts[where][: chance.randrange(len(parts[where]))]
    elif what == 2:  # a value of another type
        fields = json.loads(parts[where])
        fields[chance.choice(list(fields) or ["a"])] = chance.choice(odd)
        parts[where] = json.dumps(fields).encode()
    elif what == 3:  # a name is missing
        fields = json.loads(parts[where])
        fields.pop(chance.choice(list(fields) or ["a"]), None)
        parts[where] = json.dumps(fields).encode()
    elif what == 4:  # something else
        parts[where] = json.dumps(chance.choice(odd)).encode()
    else:  # random bytes
        parts[where] = chance.randbytes(chance.randrange(200))
    return parts


def fuzz(test, count):
    """Sends many mutated messages; after each hundred the kernel must still answer."""
    names = "Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList()"

    def threads():
        found = test.notebook.run(names).text.strip("[]").split(", ")
        return {name for name in found if not name.startswith("ForkJoin")}

    chance = random.Random(1)
    before = threads()
    for channel in CHANNELS:
        for sent in range(count):
            parts = mutate(chance, channel)
            signature = test.peer.sign(parts)
            frames = [DELIMITER, signature, *parts]
            if chance.random() < 0.3:
                frames[1] = chance.choice([b"", signature[:-1], signature[::-1], chance.randbytes(64)])
            if chance.random() < 0.2:
                chance.choice([frames.pop, lambda: frames.append(b"x"), lambda: chance.shuffle(frames)])()
            test.peer.sockets[channel].send_multipart(frames)
            if sent % 100 == 99:
                for answering in ("shell", "control"):
                    test.assertEqual("ok", test.peer.ask(answering)["status"])
                while test.notebook.client.iopub_channel.msg_ready():
                    test.notebook.client.get_iopub_msg()
        test.assert_hears()
    test.assertEqual(set(), before - threads())


class Input(SharedKernel):
    def ask(self, code):
        request = self.notebook.send(code, allow_stdin=True)
        return request, self.question()

    def question(self):
        question = self.notebook.client.get_stdin_msg(timeout=PATIENCE_SECONDS)
        self.assertEqual("input_request", question["msg_type"])
        return question

    def answer(self, text, question=None):
        client = self.notebook.client
        reply = client.session.msg("input_reply", {"value": text}, parent=question)
        client.stdin_channel.send(reply)

    def test_asks_for_a_scanner(self):
        request, question = self.ask("new Scanner(System.in).nextLine()")
        self.assertEqual(request, question["parent_header"]["msg_id"])
        self.answer("\u011f\u00fc\u015f", question)
        self.assertEqual("\u011f\u00fc\u015f", self.notebook.collect(request).text)

    def test_asks_for_a_reader(self):
        request, question = self.ask("new BufferedReader(new InputStreamReader(System.in)).readLine()")
        self.answer("a line", question)
        self.assertEqual("a line", self.notebook.collect(request).text)

    def test_asks_for_a_byte(self):
        request, question = self.ask("(char) System.in.read() + \"\" + (char) System.in.read()")
        self.answer("ab", question)
        self.assertEqual("ab", self.notebook.collect(request).text)

    def test_asks_several_times_in_a_cell(self):
        request, question = self.ask("var scanner = new Scanner(System.in); scanner.nextInt() + scanner.nextInt()")
        self.answer("1", question)
        self.answer("2", self.question())
        self.assertEqual("3", self.notebook.collect(request).text)

    def test_shows_what_was_printed_before_it_asks(self):
        request, question = self.ask('System.out.print("Name: "); new Scanner(System.in).nextLine()')
        self.notebook.wait_for_output(request, "Name: ")
        self.answer("x", question)
        self.notebook.collect(request)

    def test_says_when_the_front_end_cannot_ask(self):
        answer = self.run_cell("new Scanner(System.in).nextLine()", allow_stdin=False)
        self.assertIn("Expected a notebook that asks for input, found one that does not", answer.error)

    def test_ends_the_wait_at_an_interrupt(self):
        request, question = self.ask("new Scanner(System.in).nextLine()")
        self.notebook.interrupt()
        self.assertEqual("error", self.notebook.collect(request).reply["status"])
        request, question_two = self.ask("new Scanner(System.in).nextLine()")
        self.answer("late", question)
        self.answer("in time", question_two)
        self.assertEqual("in time", self.notebook.collect(request).text)

    def test_does_not_keep_input_for_another_cell(self):
        request, question = self.ask("(char) System.in.read()")
        self.answer("abc", question)
        self.notebook.collect(request)
        request, question = self.ask("(char) System.in.read()")
        self.answer("x", question)
        self.assertEqual("x", self.notebook.collect(request).text)

    def test_a_thread_that_reads_after_its_cell_does_not_block_another(self):
        request, question = self.ask(
            "var failure = new CompletableFuture<Throwable>();\n"
            "new Thread(() -> { try { System.in.read(); } catch (Throwable e) { failure.complete(e); } }).start();\n"
            "Thread.sleep(500);"
        )
        self.notebook.collect(request)
        self.assertIn("Expected a running cell, found none.", self.run_cell("failure.get().getMessage()").text)


class Replies(SharedKernel):
    def test_names_itself(self):
        info = self.notebook.reply(self.notebook.client.kernel_info())
        self.assertEqual(("emnist-kernel", "5.3"), (info["implementation"], info["protocol_version"]))

    def test_tells_that_it_is_idle_before_anything_runs(self):
        notebook = Notebook()
        self.addCleanup(notebook.close)
        notebook.client.kernel_info()
        while True:
            message = notebook.client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            if message["msg_type"] == "status" and message["parent_header"] == {}:
                break
        self.assertEqual("idle", message["content"]["execution_state"])

    def test_is_busy_from_the_request_to_its_end(self):
        answer = self.run_cell("1")
        states = [content["execution_state"] for content in answer.contents("status")]
        self.assertEqual(["busy", "idle"], states)

    def test_counts_only_what_is_stored(self):
        before = self.run_cell("1").reply["execution_count"]
        self.run_cell("1", store_history=False)
        self.assertEqual(before + 1, self.run_cell("1").reply["execution_count"])

    def test_evaluates_user_expressions(self):
        reply = self.run_cell("int six = 6;", user_expressions={"good": "six * 7", "bad": "nothing"}).reply
        self.assertEqual("42", reply["user_expressions"]["good"]["data"]["text/plain"])
        self.assertEqual("error", reply["user_expressions"]["bad"]["status"])

    def test_runs_queued_cells_after_an_error_if_asked_to(self):
        requests = [self.notebook.send(c, stop_on_error=False) for c in ("Thread.sleep(300); int x = 1 / 0;", "2")]
        self.assertEqual(["error", "ok"], [self.notebook.reply(request)["status"] for request in requests])

    def test_answers_kernel_info_on_control_while_a_cell_runs(self):
        peer = Peer(self.notebook)
        self.addCleanup(peer.close)
        request = self.notebook.send('System.out.println("started"); Thread.sleep(60_000);')
        self.notebook.wait_for_output(request, "started")
        self.assertEqual("ok", peer.ask("control")["status"])
        self.notebook.interrupt()
        self.notebook.collect(request)

    def test_is_source_compatible_with_ijava(self):
        answer = self.run_cell(
            "import io.github.spencerpark.jupyter.kernel.display.DisplayData;\n"
            'getKernelInstance().display(new DisplayData("shown"));\n'
            'getKernelInstance().display(getKernelInstance().getRenderer().render("rendered"));\n'
            'var data = getKernelInstance().eval("1 + 1");'
        )
        shown = [content["data"]["text/plain"] for content in answer.contents("display_data")]
        self.assertEqual(["shown", "rendered"], shown)

    def test_sends_ten_megabytes_without_loss(self):
        answer = self.run_cell('for (int i = 0; i < 100_000; i++) System.out.println("x".repeat(100));')
        self.assertEqual(100_000 * 101, len(answer.printed()))

    def test_needs_no_signature_without_a_key(self):
        notebook = Notebook(key=b"")
        self.addCleanup(notebook.close)
        self.assertEqual("2", notebook.run("1 + 1").text)


class End(unittest.TestCase):
    SAVING = (
        '{ System.out.println("started");\n'
        "try { Thread.sleep(60_000); } catch (InterruptedException e) {\n"
        '  java.nio.file.Files.writeString(java.nio.file.Path.of("%s"), "saved"); } }'
    )

    def setUp(self):
        self.notebook = WatchedNotebook()
        self.addCleanup(self.notebook.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.saved = os.path.join(folder.name, "saved")

    def run_what_saves(self):
        request = self.notebook.send(self.SAVING % self.saved)
        self.notebook.wait_for_output(request, "started")

    def assert_ends(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.notebook.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse(self.notebook.manager.is_alive())

    def assert_saved(self):
        self.assert_ends()
        self.assertTrue(os.path.exists(self.saved))

    def test_a_shutdown_lets_the_cell_save(self):
        self.run_what_saves()
        peer = Peer(self.notebook)
        self.addCleanup(peer.close)
        reply = peer.ask("control", "shutdown_request", {"restart": False})
        self.assertEqual("ok", reply["status"])
        self.assert_saved()

    def test_a_sigterm_lets_the_cell_save(self):
        self.run_what_saves()
        os.kill(self.notebook.pid, signal.SIGTERM)
        self.assert_saved()

    def test_ends_at_once_when_a_cell_calls_exit(self):
        self.notebook.send("System.exit(0);")
        self.assert_ends()
        self.assertIn("A cell called System.exit", "".join(self.notebook.told()))

    def test_says_why_it_does_not_start(self):
        command = self.notebook.manager.kernel_spec.argv[:-1]
        for arguments in ([], ["/no/such/file"], [__file__], [self.notebook.manager.connection_file]):
            with self.subTest(arguments=arguments):
                run = subprocess.run(command + arguments, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
                self.assertEqual(1, run.returncode)
                self.assertRegex(run.stderr, r"^Java kernel: Expected .*, found .*\. .*\.\n$")


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        FUZZ = int(sys.argv.pop())
        sys.argv.append("Hostile.test_survives_mutated_messages")
    unittest.main()
