"""Runs programs to their end and tells what they took."""

import os
import subprocess
import sys
import tempfile
import time


class Measured:
    def __init__(self, seconds, cpu, mebibytes):
        self.seconds, self.cpu, self.mebibytes = seconds, cpu, mebibytes


def measure(command, folder, variables=None, codes=frozenset({0})):
    """Runs one command to its end; what ends with another code than these ends the benchmark."""
    environment = dict(os.environ, TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1", **(variables or {}))
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if os.waitstatus_to_exitcode(status) not in codes:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')[-2000:]}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
