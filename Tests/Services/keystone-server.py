"""Fills an empty Keystone as `keystone-manage` does, in one process instead of four, then serves its API.

usage: keystone-server.py CONFIG PORT PASSWORD URL
"""

import os
import sqlite3
import sys
import warnings
from wsgiref.simple_server import WSGIRequestHandler, make_server

warnings.simplefilter("ignore")


class Silent(WSGIRequestHandler):
    """A handler that logs no requests."""

    def log_message(self, format, *words):
        pass


def fill(config, password, url):
    # With a write-ahead log what one part of a request reads does not lock out what another part writes.
    with sqlite3.connect(os.path.join(os.path.dirname(config), "keystone.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")

    from keystone.cmd import cli
    from oslo_config import cfg

    owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
    for words in (
        ["db_sync"],
        ["fernet_setup", *owner],
        ["credential_setup", *owner],
        ["bootstrap", "--bootstrap-password", password, "--bootstrap-public-url", url],
    ):
        sys.argv = ["keystone-manage", "--config-file", config, *words]
        cli.main(argv=sys.argv, developer_config_file=None)
        # As if each command had a process of its own.
        cfg.CONF.reset()


def serve(config, port):
    from keystone.server.wsgi import initialize_public_application

    sys.argv = ["keystone", "--config-file", config]
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = config
    # One request at a time: SQLite refuses some of several writers.
    make_server("127.0.0.1", port, initialize_public_application(), handler_class=Silent).serve_forever()


if len(sys.argv) == 5:
    config, port, password, url = sys.argv[1:]
    fill(config, password, url)
    # The commands' options would be those of the server too.
    os.execv(sys.executable, [sys.executable, __file__, config, port])
serve(sys.argv[1], int(sys.argv[2]))
