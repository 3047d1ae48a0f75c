"""GitHub: bare objects, pages by the header Link, ETags, invitations before collaborators, sub-resources."""
import copy
import hashlib
import json

from shelf import Shelf, next_id, page

MERGING = ["allow_rebase_merge", "allow_squash_merge", "allow_merge_commit", "allow_auto_merge", "allow_update_branch"]
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
        kinds = ["branches", "collaborators", "invitations", "teams", "rulesets", "environments", "hooks", "keys", "variables"]
        extra = {f"_{kind}": {} for kind in kinds}
        for name in ("gitignore_template", "license_template"):
            fields.pop(name, None)
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
            if not repository["allow_squash_merge"] and not body.get("allow_squash_merge"):
                if "squash_merge_commit_title" in body or "squash_merge_commit_message" in body:
                    self.refuse(422, "Sorry, you need to allow the squash merge strategy in order to set its title and message.")
            if body.get("default_branch", "main") != "main":
                self.refuse(422, f"The branch {body['default_branch']} was not found.")
            methods = [body.get(name, repository[name]) for name in ("allow_squash_merge", "allow_merge_commit", "allow_rebase_merge")]
            if not any(methods):
                self.refuse(422, "Sorry, you need to allow at least one merge strategy.")
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
        if method == "PATCH":
            invitations[name]["permissions"] = request.body["permissions"]
            return 200, invitations[name], {}
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
                elif name == "restrictions" and value is not None:
                    shape[name] = {
                        "users": [{"login": one, "id": 1} for one in value["users"]],
                        "teams": [{"slug": one, "id": 1} for one in value["teams"]],
                        "apps": [{"slug": one, "id": 1} for one in value.get("apps", [])],
                    }
                elif value is not None:
                    shape[name] = {**value, "url": shape["url"]}
            if "required_status_checks" in shape:
                contexts = shape["required_status_checks"]["contexts"]
                shape["required_status_checks"]["checks"] = [{"context": one, "app_id": None} for one in contexts]
            shape["enforce_admins"] = {"url": shape["url"] + "/enforce_admins", **shape["enforce_admins"]}
            branches[branch] = shape
        return 200, self.found(branches.get(branch)), {}

    # Parts of a repository by id: what one answer tells, and the fields of a body

    def part(self, method, things, ids, request, made, status=201):
        """One of a kind: GET, POST, PUT, PATCH and DELETE."""
        if len(ids) == 2 and method == "GET":
            return self.paged(list(things.values()), request)
        if len(ids) == 2:
            new = {**made(request.body, None), "id": next_id()}
            things[str(new["id"])] = new
            return status, new, {}
        old = self.found(things.get(ids[2]))
        if method == "DELETE":
            del things[ids[2]]
            return 204, None, {}
        if method in ("PUT", "PATCH"):
            things[ids[2]] = {**made(request.body, old), "id": old["id"]}
        return 200, things[ids[2]], {}

    def paged(self, things, request, least=30):
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", least))
        items, more = page(things, number, size)
        link = f'<{request.base}{request.path}?per_page={size}&page={number + 1}>; rel="next"'
        return 200, items, {"Link": link} if more else {}

    def rulesets(self, method, rest, ids, repository, request):
        rulesets = repository["_rulesets"]

        def made(body, old):
            if [one for one in rulesets.values() if one["name"] == body["name"] and one is not old]:
                self.refuse(422, "Validation Failed", ["Name must be unique"])
            new = {**copy.deepcopy(self.answers["ruleset"]), **body, "source": repository["full_name"]}
            for rule in new["rules"]:
                if rule["type"] == "pull_request" and "parameters" in rule:
                    rule["parameters"] = {**self.answers["pull_request"], **rule["parameters"]}
            return new

        if method == "GET" and len(ids) == 2:
            untold = ("rules", "conditions", "bypass_actors")
            return self.paged([{key: one[key] for key in one if key not in untold} for one in rulesets.values()], request)
        return self.part(method, rulesets, ids, request, made)

    def environments(self, method, rest, ids, repository, request):
        environments = repository["_environments"]
        if len(ids) == 2:
            return 200, {"total_count": len(environments), "environments": self.paged(list(environments.values()), request)[1]}, {}
        if method == "PUT":
            body, rules = request.body, []
            if body["wait_timer"]:
                rules.append({"type": "wait_timer", "wait_timer": body["wait_timer"]})
            if body["reviewers"]:
                reviewers = [{"type": one["type"], "reviewer": {"id": one["id"]}} for one in body["reviewers"]]
                rules.append({"type": "required_reviewers", "prevent_self_review": body["prevent_self_review"], "reviewers": reviewers})
            if body["deployment_branch_policy"]:
                rules.append({"type": "branch_policy"})
            environments[ids[2]] = {
                **self.answers["environment"], "name": ids[2], "deployment_branch_policy": body["deployment_branch_policy"],
                "protection_rules": [{"id": next_id(), "node_id": "MDQ6R2F0ZTM3NTU=", **rule} for rule in rules],
            }
        found = self.found(environments.get(ids[2]))
        if method == "DELETE":
            del environments[ids[2]]
            return 204, None, {}
        return 200, found, {}

    def hooks(self, method, rest, ids, repository, request):
        def made(body, old):
            new = copy.deepcopy(old or self.answers["hook"])
            new.update({key: value for key, value in body.items() if key != "config"})
            # A configuration is replaced as a whole, and its secret is masked.
            config = {"content_type": "form", "insecure_ssl": "0", **body["config"]}
            new["config"] = config | ({"secret": "********"} if "secret" in config else {})
            same = [one for one in repository["_hooks"].values() if one["config"]["url"] == config["url"] and one is not old]
            if same:
                self.refuse(422, "Validation Failed", [{"resource": "Hook", "code": "custom", "message": "Hook already exists on this repository"}])
            return new

        return self.part(method, repository["_hooks"], ids, request, made)

    def keys(self, method, rest, ids, repository, request):
        def made(body, old):
            key = " ".join(body["key"].split()[:2])
            if [one for one in repository["_keys"].values() if one["key"] == key]:
                self.refuse(422, "Validation Failed", [{"resource": "PublicKey", "code": "custom", "field": "key", "message": "key is already in use"}])
            return {**self.answers["key"], "read_only": False, **body, "key": key}

        return self.part(method, repository["_keys"], ids, request, made)

    def actions(self, method, rest, ids, repository, request):
        if rest[1] == "secrets":
            return 200, {"total_count": 1, "secrets": [self.answers["secret"]]}, {}
        variables = repository["_variables"]
        if len(ids) == 2 and method == "GET":
            # 30 is all that this list gives at once.
            items = self.paged(list(variables.values()), request, 10)[1][:30]
            return 200, {"total_count": len(variables), "variables": items}, {}
        if len(ids) == 2:
            name = request.body["name"].upper()
            if name in variables:
                self.refuse(409, "Already exists - Variable already exists")
            variables[name] = {**self.answers["variable"], **request.body, "name": name}
            return 201, {}, {}
        variable = self.found(variables.get(ids[2].upper()))
        if method == "GET":
            return 200, variable, {}
        if method == "DELETE":
            del variables[ids[2].upper()]
        else:
            variable.update(request.body)
        return 204, None, {}


def make(answers, refusal):
    return GitHub(answers, refusal)
