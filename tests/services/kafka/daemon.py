"""Daemons of one group on one lake, whose lines come together."""

import os
import queue
import re
import signal
import subprocess
import threading
import time

from load import TOPIC

# Named steps of a commit: before or after an object with this in its path.
STEPS = [
    f"{when} {path}"
    for path in ("policy_timeline/part-", "policy_timeline/_delta_log/", "rejected/part-", "rejected/_delta_log/", "events/trail_region=", "events/_delta_log/")
    for when in ("before", "after")
]
THE_DAEMON = "daemon::process::this_binary_is_the_daemon_when_other_tests_say_so"
# On the slowest machine.
WITHIN = 300


class Daemons:
    """`static`: each is a static member of the group, so that one that was
    killed and started again takes up its topic partitions at once."""

    def __init__(self, binary, config, lake, test_binary=None, static=False):
        self.binary, self.config, self.lake, self.test_binary, self.static = binary, config, lake, test_binary, static
        self.lines, self.running, self.last = queue.Queue(), {}, []
        # Where the lake stands, by what was said of it.
        self.stand = {}

    def start(self, name, step=None):
        """`step`: it stands still there."""
        args = ["--config", str(self.config), "run", "--lake", self.lake, "--log-format", "json"]
        if self.static:
            args += ["-X", f"group.instance.id={name}"]
        environment = dict(os.environ)
        command = [self.binary, *args]
        if step:
            environment |= {"TRAILWRIGHT_TEST_DAEMON": "\n".join(args), "TRAILWRIGHT_TEST_FAULT": step}
            command = [self.test_binary, "--exact", THE_DAEMON, "--nocapture"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
        threading.Thread(target=self._read, args=(name, process), daemon=True).start()
        self.running[name] = process

    def _read(self, name, process):
        for line in process.stderr:
            self.lines.put((name, line.rstrip()))

    def line(self, within=WITHIN):
        """The next line, or None."""
        try:
            name, line = self.lines.get(timeout=within)
        except queue.Empty:
            return None
        self.last = [*self.last[-40:], f"{time.strftime('%H:%M:%S')} {name}: {line}"]
        for number, offset in re.findall(rf"{TOPIC}/(\d+) (?:at|from) (\d+)", line):
            self.stand[int(number)] = max(self.stand.get(int(number), 0), int(offset))
        return name, line

    def wait_for(self, part, within=WITHIN, of=None, needed=True):
        """The next line with `part` in it, of one of `of`."""
        until = time.monotonic() + within
        while (left := until - time.monotonic()) > 0:
            found = self.line(left)
            if found and part in found[1] and (of is None or found[0] in of):
                return found[1]
        if needed:
            raise SystemExit(f"FAILED: no {part!r} in {within} s after:\n" + "\n".join(self.last))

    def wait_until_stored(self, wanted, within=WITHIN):
        until = time.monotonic() + within
        while self.stand != wanted:
            left = until - time.monotonic()
            if left <= 0 or self.line(left) is None:
                raise SystemExit(f"FAILED: the lake stands at {self.stand} and not at {wanted} at {time.strftime('%H:%M:%S')} after:\n" + "\n".join(self.last))

    def kill(self, name):
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def pause(self, name):
        self.running[name].send_signal(signal.SIGSTOP)

    def resume(self, name):
        self.running[name].send_signal(signal.SIGCONT)

    def stop(self):
        for process in self.running.values():
            process.terminate()
        for name, process in self.running.items():
            try:
                ended = process.wait(timeout=WITHIN)
            except subprocess.TimeoutExpired:
                ended = f"nothing in {WITHIN} s"
            if ended != 0:
                while not self.lines.empty():
                    self.line()
                raise SystemExit(f"FAILED: {name} stopped with {ended} after:\n" + "\n".join(self.last))
        self.running = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running.values():
            process.kill()


def configure(path, brokers, more="", seconds_max=0.3):
    path.write_text(
        f'[commit]\nseconds_max = {seconds_max}\nrelabel_seconds = 5\n{more}[source.kafka]\ntopics = ["{TOPIC}"]\n[source.kafka.properties]\n'
        f'"bootstrap.servers" = "{brokers}"\n"group.id" = "audit"\n"session.timeout.ms" = 3000\n"heartbeat.interval.ms" = 500\n'
    )
    return path


def ingest(binary, lake, path):
    """The lake of a run that nothing disturbs."""
    done = subprocess.run([binary, "ingest", "--lake", lake, str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"FAILED: ingest ended with {done.returncode}:\n{done.stderr}")
