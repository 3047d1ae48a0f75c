"""GitHub: bare objects, pages by the header Link, ETags, invitations before collaborators, sub-resources."""
import copy
import hashlib
import json

from shelf import Shelf, next_id, page

MERGING = ["allow_rebase_merge", "allow_squash_merge", "allow_merge_commit", "allow_auto_merge", "delete_branch_on_merge"]
ROLES = {"pull": "read", "push": "write"}


class GitHub:
    def __init__(self, answers, refusal):
        self.refusal, self.answers = refusal, answers
        self.repositories = Shelf(answers["repository"])

    def error(self, status, code, message):
        return status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}

    def refuse(self, status, message, errors=None):
        body = self.error(status, "", message)[1]
        raise self.refusal(status, {**body, "errors": errors} if errors else body)

    def found(self, thing):
        if thing is None:
            self.refuse(404, "Not Found")
        return thing

    def repository(self, owner, name):
        return self.found(next(
            (one for one in self.repositories.all() if one["full_name"].lower() == f"{owner}/{name}".lower()), None))

    def handle(self, method, path, ids, request):
        status, body, headers = self.route(method, path, ids, request)
        if method == "GET" and status == 200:
            tag = 'W/"' + hashlib.sha256(json.dumps(body).encode()).hexdigest() + '"'
            if request.headers.get("if-none-match") == tag:
                return 304, None, {"ETag": tag}
            headers = {**headers, "ETag": tag}
        return status, body, headers

    def route(self, method, path, ids, request):
        if path == "/orgs/{org}/repos":
            return self.listed(ids[0], request) if method == "GET" else self.made(ids[0], request.body)
        if path.startswith("/orgs"):
            return self.team(method, ids, request)
        repository = self.repository(ids[0], ids[1])
        rest = path.split("/")[4:]
        if not rest:
            return self.whole(method, ids[0], repository, request.body)
        return getattr(self, rest[0])(method, rest, ids, repository, request)

    def listed(self, owner, request):
        found = [one for one in self.repositories.all() if one["owner"]["login"] == owner]
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 30))
        items, more = page([self.minimal(one) for one in found], number, size)
        link = f'<{request.base}{request.path}?per_page={size}&page={number + 1}>; rel="next"'
        return 200, items, {"Link": link} if more else {}

    def shown(self, repository):
        return {key: value for key, value in repository.items() if not key.startswith("_")}

    def minimal(self, repository):
        return {key: value for key, value in self.shown(repository).items() if key not in MERGING}

    def made(self, owner, body):
        if [one for one in self.repositories.all() if one["full_name"].lower() == f"{owner}/{body['name']}".lower()]:
            error = {"resource": "Repository", "code": "custom", "field": "name", "message": "name already exists on this account"}
            self.refuse(422, "Repository creation failed.", [error])
        fields = {key: value for key, value in body.items() if key not in ("auto_init", "name")}
        extra = {"_branches": {}, "_collaborators": {}, "_invitations": {}, "_teams": {}}
        repository = self.repositories.add(**{**self.answers["merging"], **fields, **extra})
        repository["private"] = repository["visibility"] != "public"
        self.named(owner, repository, body["name"])
        return 201, self.shown(repository), {}

    def named(self, owner, repository, name):
        full = f"{owner}/{name}"
        repository["owner"]["login"] = owner
        repository.update(
            name=name, full_name=full, html_url=f"https://github.com/{full}", url=f"https://api.github.com/repos/{full}",
            clone_url=f"https://github.com/{full}.git", ssh_url=f"git@github.com:{full}.git")

    def whole(self, method, owner, repository, body):
        if method == "DELETE":
            self.repositories.remove(repository["id"])
            return 204, None, {}
        if method == "PATCH":
            if repository["archived"] and body.get("archived") is not False:
                self.refuse(403, "Repository was archived so is read-only.")
            body = dict(body)
            self.named(owner, repository, body.pop("name", repository["name"]))
            repository.update(body)
            repository["private"] = repository["visibility"] != "public"
        return 200, self.shown(repository), {}

    def topics(self, method, rest, ids, repository, request):
        names = request.body["names"]
        if [name for name in names if name != name.lower()]:
            self.refuse(422, "Topics must be lowercase.")
        repository["topics"] = names
        return 200, {"names": names}, {}

    def collaborators(self, method, rest, ids, repository, request):
        people, invitations = repository["_collaborators"], repository["_invitations"]
        if method == "GET":
            return 200, [{**self.answers["collaborator"], "login": name, "role_name": role} for name, role in people.items()], {}
        name = ids[2]
        if method == "DELETE":
            people.pop(name, None)
            return 204, None, {}
        role = ROLES.get(request.body.get("permission", "push"), request.body.get("permission"))
        # Those whose name begins so are members of the organization already.
        if name.startswith("member"):
            people[name] = role
            return 204, None, {}
        new = invitations.setdefault(name, {**copy.deepcopy(self.answers["invitation"]), "id": next_id()})
        new["invitee"]["login"], new["permissions"] = name, role
        return 201, new, {}

    def invitations(self, method, rest, ids, repository, request):
        invitations = repository["_invitations"]
        if method == "GET":
            return 200, list(invitations.values()), {}
        name = self.found(next((name for name, one in invitations.items() if str(one["id"]) == ids[2]), None))
        del invitations[name]
        return 204, None, {}

    def team(self, method, ids, request):
        repository, slug = self.repository(ids[2], ids[3]), ids[1]
        if method == "PUT":
            permission = request.body.get("permission", "push")
            repository["_teams"][slug] = ROLES.get(permission, permission)
            return 204, None, {}
        self.found(repository["_teams"].get(slug))
        if method == "DELETE":
            del repository["_teams"][slug]
            return 204, None, {}
        if "repository+json" not in request.headers.get("accept", ""):
            return 204, None, {}
        return 200, {**self.minimal(repository), "role_name": repository["_teams"][slug]}, {}

    def branches(self, method, rest, ids, repository, request):
        branches, branch = repository["_branches"], ids[2]
        if method == "DELETE":
            self.found(branches.pop(branch, None))
            return 204, None, {}
        if method == "PUT":
            shape = copy.deepcopy(self.answers["protection"])
            for name, value in request.body.items():
                if isinstance(value, bool):
                    shape[name] = {"enabled": value}
                elif value is not None:
                    shape[name] = {**value, "url": shape["url"]}
            branches[branch] = shape
        return 200, self.found(branches.get(branch)), {}


def make(answers, refusal):
    return GitHub(answers, refusal)
