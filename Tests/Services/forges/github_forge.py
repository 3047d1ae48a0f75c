"""GitHub, by githubkit: its methods say which requests there are, its models what stands in them."""
import ast
import base64
import builtins
import json
import re
import time
import typing
from pathlib import Path
from urllib.parse import unquote

import githubkit_schemas.v2022_11_28 as version
from githubkit_schemas.v2022_11_28 import models
from models import example, made, models_of, problem
from world import APP, OURS, TEAMS, USERS, Missing, Refused

FILES = ["issues", "pulls", "repos", "checks", "apps", "reactions", "users", "teams"]


class Operation:
    def __init__(self, method, template):
        self.method, self.template = method, template
        self.query, self.body, self.answer = set(), None, None
        self.pattern = re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", template.replace(".", r"\.")) + "$")


def operations():
    found = []
    for name in FILES:
        tree = ast.parse((Path(version.__path__[0]) / "rest" / f"{name}.py").read_text())
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
                operation = operation_of(function)
                if operation:
                    found.append(operation)
    # Those without parameters first, where two fit.
    return sorted(found, key=lambda each: each.template.count("{"))


def operation_of(function):
    url = params = body = request = None
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "url":
                url = node.value
            elif node.targets[0].id == "params":
                params = node.value
        if isinstance(node, ast.Call):
            if getattr(node.func, "id", "") == "type_validate_python":
                body = ast.unparse(node.args[0])
            if getattr(node.func, "attr", "") == "request":
                request = node
    if url is None or request is None:
        return None
    parts = url.values if isinstance(url, ast.JoinedStr) else [url]
    template = "".join(str(part.value) if isinstance(part, ast.Constant) else "{%s}" % ast.unparse(part.value) for part in parts)
    operation = Operation(request.args[0].value, template)
    if isinstance(params, ast.Dict):
        operation.query = {key.value for key in params.keys}
    operation.body = body
    for keyword in request.keywords:
        if keyword.arg == "response_model":
            operation.answer = ast.unparse(keyword.value)
    return operation


def kind(text):
    return eval(text, {}, Names())


class Names(dict):
    """What stands in githubkit's annotations."""

    def __missing__(self, name):
        for place in (builtins, typing):
            if hasattr(place, name):
                return getattr(place, name)
        return getattr(models, name)


def user(name):
    return made(models.SimpleUser, id=USERS[name], login=name)


class API:
    prefix = ""
    largest_page = 100

    def __init__(self):
        self.operations = operations()
        self.repositories = {}

    def operation(self, method, path):
        for operation in self.operations:
            match = operation.pattern.match(path)
            if match and operation.method == method:
                return operation, dict(zip(re.findall(r"\{([^}]+)\}", operation.template), map(unquote, match.groups())))
        return None, None

    def repository(self, values):
        if values and "owner" in values:
            return f"{values['owner']}/{values['repo']}"
        # Of an App's installation: the number is that of its repository.
        return self.repositories.get(int(values["installation_id"])) if values and "installation_id" in values else None

    def request_problem(self, operation, query, body):
        unknown = set(query) - operation.query
        if unknown:
            return f"there is no parameter {sorted(unknown)}"
        if body is not None and operation.body is None:
            return "there is no body"
        return problem(kind(operation.body), body or {}, is_strict=True) if operation.body else None

    def answer_problem(self, operation, status, found):
        if status == 204 or operation.answer is None:
            return None if found is None else "there is no answer's body"
        return problem(kind(operation.answer), found)

    def has_pages(self, operation):
        return "per_page" in operation.query

    def says_next(self, path):
        return True

    def user(self, method, path, headers, place):
        if headers.get("X-GitHub-Api-Version") != "2022-11-28" or headers.get("Accept") != "application/vnd.github+json":
            return None
        token = (headers.get("Authorization") or "").removeprefix("Bearer ")
        if path.startswith("/app") or path.endswith("/installation"):
            return APP if signed_by_app(token) else None
        if token == "a-token":
            return OURS
        if token == "a-job-token":
            return "job"
        if place and place.tokens.get(token, 0) > time.time():
            return APP
        return None

    def handle(self, operation, values, query, body, place, who):
        handler = getattr(self, HANDLERS[f"{operation.method} {operation.template}"])
        return handler(values, query, body, place, who)

    # Who

    def me(self, values, query, body, place, who):
        if who == "job":
            return 403, {"message": "Resource not accessible by integration"}, {}
        return 200, made(models.PublicUser, id=USERS[who], login=who, user_view_type="public"), {}

    def app(self, values, query, body, place, who):
        return 200, made(models.Integration, id=12, slug="plumb-app", name="Plumb", owner=user("ada")), {}

    def installation(self, values, query, body, place, who):
        if not place.is_installed:
            raise Missing()
        number = 1000 + len(self.repositories)
        self.repositories[number] = place.repository
        return 200, made(models.Installation, id=number, account=user("ada"), created_at="2026-11-21T10:00:00Z",
                         updated_at="2026-11-21T10:00:00Z"), {}

    def token(self, values, query, body, place, who):
        place.tokens_given += 1
        token = f"ghs_installation{place.tokens_given}of{len(self.repositories)}"
        end = time.time() + place.token_lifetime
        place.tokens[token] = end
        text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
        return 201, made(models.InstallationToken, token=token, expires_at=text), {}

    # Pull requests

    def shape(self, model, pull, place):
        repository = {"id": 1, "full_name": place.repository}
        fork = None if pull["gone"] else {"id": 2, "full_name": "eve/fork"} if pull["fork"] else repository
        value = made(
            model, number=pull["number"], title=pull["title"], state="closed" if pull["state"] == "merged" else pull["state"],
            draft=pull["draft"], user=user(pull["who"]), author_association=pull["association"],
            head={"ref": pull["branch"], "sha": pull["commit"]}, base={"ref": pull["base"], "sha": pull["base_commit"]},
            merged_at="2026-11-21T12:00:00Z" if pull["state"] == "merged" else None, merge_commit_sha=pull["merge_commit"],
            html_url=f"https://github.com/{place.repository}/pull/{pull['number']}", created_at="2026-11-21T10:00:00Z",
            updated_at="2026-11-21T10:00:00Z")
        value["labels"] = [self.label(value, model, name) for name in pull["labels"]]
        sides = {side: model.model_fields[side].annotation for side in ("head", "base")}
        for side, there in (("head", fork), ("base", repository)):
            owner = user("eve" if side == "head" and pull["fork"] else "ada")
            full = self.repo(sides[side].model_fields["repo"].annotation, there, owner)
            value[side] = {**value[side], "repo": full, "user": owner}
        return value

    def repo(self, annotation, there, owner):
        if there is None:
            return None
        return {**example(models_of(annotation)[0]), **there, "name": there["full_name"].split("/")[1], "owner": owner}

    def label(self, value, model, name):
        return made(models_of(model.model_fields["labels"].annotation)[0], id=1, name=name, color="5a67d8", default=False)

    def pull(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["pull_number"])
        value = self.shape(models.PullRequest, pull, place)
        state = "unknown" if pull["mergeable"] is None else "dirty" if not pull["mergeable"] else pull["blocked"] or "clean"
        value.update(mergeable=pull["mergeable"], mergeable_state=state, merged=pull["state"] == "merged")
        if pull["mergeable"] is None:
            # Being asked makes it look.
            pull["mergeable"] = True
        return 200, value, {}

    def pulls(self, values, query, body, place, who):
        found = [pull for pull in place.pulls.values() if query.get("state", "open") in (pull["state"], "all")]
        return 200, [self.shape(models.PullRequestSimple, pull, place) for pull in found], {}

    def files(self, values, query, body, place, who):
        words = {"deleted": "removed"}
        return 200, [
            made(models.DiffEntry, filename=file["path"], status=words.get(file["change"], file["change"]), sha="c" * 40,
                 **({"previous_filename": file["former"]} if "former" in file else {}))
            for file in place.find(place.pulls, values["pull_number"])["files"]], {}

    def reviews(self, values, query, body, place, who):
        return 200, [
            made(models.PullRequestReview, id=review["id"], user=user(review["who"]), state="DISMISSED" if review["dismissed"] else review["state"],
                 commit_id=review["commit"], submitted_at=review["created"])
            for review in place.find(place.pulls, values["pull_number"])["reviews"]], {}

    def compare(self, values, query, body, place, who):
        assert values["basehead"] in [f"main...{pull['commit']}" for pull in place.pulls.values()], values
        return 200, made(models.CommitComparison, ahead_by=1, behind_by=place.ahead, status="diverged" if place.ahead else "ahead"), {}

    def permission(self, values, query, body, place, who):
        word = place.permissions.get(values["username"])
        if values["username"] not in USERS:
            raise Missing()
        field = models.RepositoryCollaboratorPermission.model_fields["user"].annotation
        return 200, made(models.RepositoryCollaboratorPermission, permission=word or "none", role_name=word or "none",
                         user=made(models_of(field)[0], id=USERS[values["username"]], login=values["username"])), {}

    # Teams

    def members(self, values):
        name = f"{values['org']}/{values['team_slug']}".lower()
        if name not in TEAMS:
            raise Missing()
        return TEAMS[name]

    def team(self, values, query, body, place, who):
        self.members(values)
        return 200, made(models.TeamFull, slug=values["team_slug"], name=values["team_slug"]), {}

    def membership(self, values, query, body, place, who):
        if values["username"] not in self.members(values):
            raise Missing()
        return 200, made(models.TeamMembership, role="member", state="active"), {}

    # Comments

    def comment_shape(self, comment, place):
        # As GitHub stores line ends.
        return made(models.IssueComment, id=comment["id"], body=comment["body"].replace("\n", "\r\n"), user=user(comment["who"]),
                    created_at=comment["created"], updated_at=comment["updated"], author_association="MEMBER",
                    html_url=f"https://github.com/{place.repository}/pull/{comment['on']}#issuecomment-{comment['id']}")

    def comments(self, values, query, body, place, who):
        found = [comment for comment in place.comments.values()
                 if comment["on"] == int(values["issue_number"]) and comment["updated"] >= query.get("since", "")]
        return 200, [self.comment_shape(comment, place) for comment in found], {}

    def create_comment(self, values, query, body, place, who):
        number = int(values["issue_number"])
        if number not in place.pulls and number not in place.issues:
            raise Missing()
        if len(body["body"]) > 65_536:
            raise Refused("body is too long (maximum is 65536 characters)")
        return 201, self.comment_shape(place.comment(number, who if who != "job" else OURS, body["body"]), place), {}

    def edit_comment(self, values, query, body, place, who):
        comment = place.find(place.comments, values["comment_id"])
        comment.update(body=body["body"], updated=place.now())
        return 200, self.comment_shape(comment, place), {}

    def delete_comment(self, values, query, body, place, who):
        place.find(place.comments, values["comment_id"])
        del place.comments[int(values["comment_id"])]
        return 204, None, {}

    def react(self, values, query, body, place, who):
        place.find(place.comments, values["comment_id"])
        key = (values["comment_id"], body["content"], who)
        status = 200 if key in place.reactions else 201
        place.reactions[key] = {"comment": int(values["comment_id"]), "content": body["content"]}
        return status, made(models.Reaction, content=body["content"], user=user(who)), {}

    # Statuses

    def statuses(self, values, query, body, place, who):
        found = [status for status in reversed(place.statuses) if status["commit"] == values["ref"]]
        return 200, [self.status_shape(status) for status in found], {}

    def status_shape(self, status):
        return made(models.Status, id=status["id"], state=status["state"], context=status["context"],
                    description=status["description"], target_url=status["target_url"], creator=user(OURS))

    def set_status(self, values, query, body, place, who):
        if len(body.get("description") or "") > 140:
            raise Refused("description is too long (maximum is 140 characters)")
        entry = {"target_url": None, "description": None, "context": "default", **body}
        return 201, self.status_shape(place.status(values["sha"], entry)), {}

    def runs(self, values, query, body, place, who):
        found = [run for run in place.runs if run["commit"] == values["ref"]]
        latest = {(run["slug"], run["name"]): run for run in found}
        return 200, {"total_count": len(latest), "check_runs": [self.run_shape(run) for run in latest.values()]}, {}

    def run_shape(self, run):
        app = None if run["slug"] is None else made(models.Integration, id=12, slug=run["slug"], name="Plumb", owner=user("ada"))
        return made(models.CheckRun, id=run["id"], name=run["name"], head_sha=run["commit"], status=run["status"],
                    conclusion=run.get("conclusion"), details_url=run.get("details_url"), app=app,
                    output={"title": run["output"]["title"], "summary": run["output"]["summary"]})

    def create_run(self, values, query, body, place, who):
        run = {"id": next(place.numbers), "slug": "plumb-app", "commit": body["head_sha"], "status": "queued", **body}
        place.runs.append(run)
        return 201, self.run_shape(run), {}

    # Labels and issues

    def add_labels(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["issue_number"])
        pull["labels"] += [name for name in body["labels"] if name not in pull["labels"]]
        return 200, [made(models.Label, id=1, name=name, color="ededed", default=False) for name in pull["labels"]], {}

    def remove_label(self, values, query, body, place, who):
        pull = place.find(place.pulls, values["issue_number"])
        if values["name"] not in pull["labels"]:
            raise Missing()
        pull["labels"].remove(values["name"])
        return 200, [made(models.Label, id=1, name=name, color="ededed", default=False) for name in pull["labels"]], {}

    def issue_shape(self, issue, place):
        value = made(models.Issue, id=issue["id"], number=issue["number"], title=issue["title"], body=issue["body"], state=issue["state"],
                     user=user(issue["who"]), html_url=f"https://github.com/{place.repository}/issues/{issue['number']}",
                     author_association="MEMBER")
        if "merged" in issue:
            value["pull_request"] = {"url": "x", "html_url": "x", "diff_url": "x", "patch_url": "x"}
        return value

    def issues(self, values, query, body, place, who):
        found = [issue for issue in place.issues.values() if issue["state"] == query.get("state", "open")]
        return 200, [self.issue_shape(issue, place) for issue in found], {}

    def open_issue(self, values, query, body, place, who):
        issue = place.issue(max([20, *place.issues]) + 1, who, body["title"], body.get("body"))
        return 201, self.issue_shape(issue, place), {}

    def edit_issue(self, values, query, body, place, who):
        issue = place.find(place.issues, values["issue_number"])
        issue.update({key: value for key, value in body.items() if key in ("title", "body", "state")})
        return 200, self.issue_shape(issue, place), {}

    # Webhooks

    def webhook(self, event, action, over):
        name = "".join(part.title() for part in ["webhook", *event.split("_"), *(action or "").split("_")])
        body = made(getattr(models, name), **over)
        return {**body, "action": action} if action else body

    def webhook_problem(self, event, body):
        from githubkit.webhooks import parse_obj
        try:
            parse_obj(event, body)
            return None
        except Exception as error:
            return " ".join(str(error).splitlines()[:3])


def new_key():
    from cryptography.hazmat.primitives.asymmetric import rsa
    return rsa.generate_private_key(65537, 2048)


KEY = new_key()


def private_pem():
    """As GitHub gives it out."""
    from cryptography.hazmat.primitives import serialization
    return KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()).decode()


def signed_by_app(token):
    """A JSON web token that GitHub would take: of the App, in its ten minutes, with the signature of its key."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    try:
        head, claims, signature = token.split(".")
        plain = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, claims)]
        KEY.public_key().verify(base64.urlsafe_b64decode(signature + "=="), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except Exception:
        return False
    now = time.time()
    return (plain[0]["alg"] == "RS256" and plain[1]["iss"] == "Iv1.app" and plain[1]["iat"] <= now < plain[1]["exp"]
            and plain[1]["exp"] - plain[1]["iat"] <= 600 and "=" not in token)


HANDLERS = {
    "GET /user": "me", "GET /app": "app", "GET /repos/{owner}/{repo}/installation": "installation",
    "POST /app/installations/{installation_id}/access_tokens": "token",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}": "pull", "GET /repos/{owner}/{repo}/pulls": "pulls",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/files": "files",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews": "reviews",
    "GET /repos/{owner}/{repo}/compare/{basehead}": "compare",
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission": "permission",
    "GET /orgs/{org}/teams/{team_slug}": "team", "GET /orgs/{org}/teams/{team_slug}/memberships/{username}": "membership",
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments": "comments",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": "create_comment",
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": "edit_comment",
    "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}": "delete_comment",
    "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions": "react",
    "GET /repos/{owner}/{repo}/commits/{ref}/statuses": "statuses",
    "POST /repos/{owner}/{repo}/statuses/{sha}": "set_status",
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs": "runs", "POST /repos/{owner}/{repo}/check-runs": "create_run",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/labels": "add_labels",
    "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}": "remove_label",
    "GET /repos/{owner}/{repo}/issues": "issues", "POST /repos/{owner}/{repo}/issues": "open_issue",
    "PATCH /repos/{owner}/{repo}/issues/{issue_number}": "edit_issue",
}
