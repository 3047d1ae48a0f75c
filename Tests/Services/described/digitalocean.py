"""DigitalOcean: envelopes with one key, pages by links, actions that are polled."""
import uuid

from shelf import Shelf, page


def new_uuid():
    return str(uuid.uuid4())


class DigitalOcean:
    def __init__(self, answers, refusal):
        self.refusal = refusal
        self.droplets, self.actions = Shelf(answers["droplet"]), Shelf(answers["action"])
        self.volumes, self.firewalls = Shelf(answers["volume"], new_uuid), Shelf(answers["firewall"], new_uuid)
        self.keys, self.records = Shelf(answers["ssh_key"]), {}
        self.domains, self.record, self.domain = {}, answers["domain_record"], answers["domain"]
        self.vpcs, self.balancers = Shelf(answers["vpc"], new_uuid), Shelf(answers["load_balancer"], new_uuid)
        self.balancer = answers["load_balancer"]
        self.tags = set()

    def error(self, status, identifier, message):
        return status, {"id": identifier, "message": message, "request_id": "4d9d8375"}

    def refuse(self, status, identifier, message):
        raise self.refusal(*self.error(status, identifier, message))

    def found(self, thing):
        if thing is None:
            self.refuse(404, "not_found", "The resource you requested could not be found.")
        return thing

    def listed(self, key, things, request):
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 20))
        items, more = page(things, number, size)
        rest = "&".join(f"{name}={value}" for name, value in request.query.items() if name != "page")
        pages = {"next": f"{request.base}{request.path}?page={number + 1}&{rest}"} if more else {}
        return 200, {key: items, "links": {"pages": pages}, "meta": {"total": len(things)}}, {}

    def act(self, kind, thing, then=lambda: None):
        """An action that is over when it is looked at a second time."""
        action = self.actions.add(type=kind, resource_id=thing["id"], _looks=0, _then=then)
        return 201, {"action": self.shown(action)}, {}

    def shown(self, thing):
        return {key: value for key, value in thing.items() if not key.startswith("_")}

    def handle(self, method, path, ids, request):
        return HANDLERS[path.split("/")[2]](self, method, path, ids, request)

    # Droplets

    def droplets_shown(self, droplet):
        if droplet["status"] == "new":
            droplet["_looks"] += 1
            if droplet["_looks"] > 1:
                droplet["status"], droplet["locked"] = "active", False
                droplet["networks"] = {
                    "v4": [
                        {"ip_address": "10.128.192.124", "netmask": "255.255.0.0", "gateway": None, "type": "private"},
                        {"ip_address": "192.241.165.154", "netmask": "255.255.255.0", "gateway": "192.241.165.1", "type": "public"},
                    ],
                    "v6": [{"ip_address": "2604:a880:0:1010::18a:a001", "netmask": 64, "gateway": "2604:a880:0:1010::1", "type": "public"}]
                    if "ipv6" in droplet["features"] else [],
                }
        return self.shown(droplet)

    def make_droplet(self, body):
        features = [name for name in ("backups", "ipv6", "monitoring") if body.get(name)]
        if not body.get("region"):
            self.refuse(422, "unprocessable_entity", "region is required here")
        droplet = self.droplets.add(
            name=body["name"], size_slug=body["size"], features=features, tags=list(body.get("tags") or []), _looks=0)
        droplet["region"]["slug"] = body["region"]
        droplet["size"]["slug"] = body["size"]
        if isinstance(body["image"], int):
            droplet["image"].update(id=body["image"], slug=None)
        else:
            droplet["image"]["slug"] = body["image"]
        if body.get("vpc_uuid"):
            droplet["vpc_uuid"] = body["vpc_uuid"]
        self.tags.update(droplet["tags"])
        return droplet

    def droplets_all(self, query):
        if "name" in query and "tag_name" in query:
            self.refuse(422, "unprocessable_entity", "name and tag_name cannot be combined")
        found = self.droplets.all()
        if "name" in query:
            found = [one for one in found if one["name"].lower() == query["name"].lower()]
        if "tag_name" in query:
            found = [one for one in found if query["tag_name"] in one["tags"]]
        return found


def droplets(self, method, path, ids, request):
    if not ids and method == "GET":
        return self.listed("droplets", [self.droplets_shown(one) for one in self.droplets_all(request.query)], request)
    if not ids:
        droplet = self.make_droplet(request.body)
        action = self.actions.add(type="create", resource_id=droplet["id"], _looks=0, _then=lambda: None)
        return 202, {"droplet": self.shown(droplet), "links": {"actions": [{"id": action["id"], "rel": "create", "href": f"{request.base}/v2/actions/{action['id']}"}]}}, {}
    droplet = self.found(self.droplets.get(ids[0]))
    if path.endswith("/actions"):
        return droplet_action(self, droplet, request.body)
    if method == "DELETE":
        self.droplets.remove(ids[0])
        for volume in self.volumes.all():
            volume["droplet_ids"] = [one for one in volume["droplet_ids"] if one != droplet["id"]]
        return 204, None, {}
    return 200, {"droplet": self.droplets_shown(droplet)}, {}


def droplet_action(self, droplet, body):
    kind = body["type"]

    def then():
        if kind == "rename":
            droplet["name"] = body["name"]
        elif kind == "resize":
            droplet["size_slug"] = droplet["size"]["slug"] = body["size"]
        elif kind in ("power_on", "power_off", "shutdown"):
            droplet["status"] = "active" if kind == "power_on" else "off"
        elif kind == "enable_backups":
            droplet["features"] = sorted({*droplet["features"], "backups"})
        elif kind == "disable_backups":
            droplet["features"] = [one for one in droplet["features"] if one != "backups"]

    if kind == "resize" and droplet["status"] != "off":
        self.refuse(422, "unprocessable_entity", "Droplet must be powered off to be resized.")
    return self.act(kind, droplet, then)


def actions(self, method, path, ids, request):
    action = self.found(self.actions.get(ids[0]))
    action["_looks"] += 1
    if action["_looks"] == 2:
        action["_then"]()
        action["status"], action["completed_at"] = "completed", "2020-07-21T18:38:44Z"
    return 200, {"action": self.shown(action)}, {}


def tags(self, method, path, ids, request):
    if not ids:
        self.tags.add(request.body["name"])
        return 201, {"tag": {"name": request.body["name"], "resources": {"count": 0}}}, {}
    if ids[0] not in self.tags:
        self.refuse(404, "not_found", "The resource you were accessing could not be found.")
    for resource in request.body["resources"]:
        tagged = self.found({"droplet": self.droplets, "volume": self.volumes}[resource["resource_type"]].get(resource["resource_id"]))
        kept = [one for one in tagged["tags"] if one != ids[0]]
        tagged["tags"] = kept + [ids[0]] if method == "POST" else kept
    return 204, None, {}


# Volumes


def volumes(self, method, path, ids, request):
    if not ids and method == "GET":
        query = request.query
        found = [
            one for one in self.volumes.all()
            if query.get("name", one["name"]) == one["name"] and query.get("region", one["region"]["slug"]) == one["region"]["slug"]
        ]
        return self.listed("volumes", found, request)
    if not ids:
        body = dict(request.body)
        region = body.pop("region")
        if [one for one in self.volumes.all(name=body["name"]) if one["region"]["slug"] == region]:
            self.refuse(409, "conflict", "volume name already exists in region")
        body["tags"] = body.get("tags") or []
        self.tags.update(body["tags"])
        volume = self.volumes.add(**{"description": "", **body})
        volume["region"]["slug"] = region
        return 201, {"volume": volume}, {}
    volume = self.found(self.volumes.get(ids[0]))
    if path.endswith("/actions"):
        return volume_action(self, volume, request.body)
    if method == "DELETE":
        if volume["droplet_ids"]:
            self.refuse(409, "conflict", "A volume that's attached to a Droplet cannot be deleted.")
        self.volumes.remove(ids[0])
        return 204, None, {}
    return 200, {"volume": volume}, {}


def volume_action(self, volume, body):
    if body["type"] == "attach" and volume["droplet_ids"]:
        self.refuse(409, "conflict", "volume is already attached")

    def then():
        if body["type"] == "resize":
            volume["size_gigabytes"] = body["size_gigabytes"]
        else:
            volume["droplet_ids"] = [body["droplet_id"]] if body["type"] == "attach" else []

    if body["type"] != "resize":
        self.found(self.droplets.get(body["droplet_id"]))
    _, answer, headers = self.act(body["type"], {"id": None}, then)
    return 202, answer, headers


# Domains


def domains(self, method, path, ids, request):
    if not ids and method == "GET":
        return self.listed("domains", list(self.domains.values()), request)
    if not ids:
        name = request.body["name"]
        if name in self.domains:
            self.refuse(422, "unprocessable_entity", "domain 'Name' already exists.")
        self.domains[name] = {**self.domain, "name": name}
        self.records[name] = Shelf(self.record)
        self.records[name].add(type="NS", name="@", data="ns1.digitalocean.com")
        return 201, {"domain": self.domains[name]}, {}
    domain = self.found(self.domains.get(ids[0]))
    if "/records" in path:
        return records(self, method, ids, request)
    if method == "DELETE":
        del self.domains[ids[0]], self.records[ids[0]]
        return 204, None, {}
    return 200, {"domain": domain}, {}


def recorded(domain, fields):
    """A record as it is told: names lose the dot at their end, and within the domain the domain too."""
    fields = dict(fields)
    if fields.get("type") in ("CAA", "CNAME", "MX", "NS", "SRV") and fields.get("data", "").endswith("."):
        name = fields["data"].removesuffix(".")
        fields["data"] = "@" if name == domain else name.removesuffix(f".{domain}")
    return fields


def records(self, method, ids, request):
    shelf = self.records[ids[0]]
    if len(ids) == 1 and method == "GET":
        def fits(record):
            full = ids[0] if record["name"] == "@" else f"{record['name']}.{ids[0]}"
            return request.query.get("type", record["type"]) == record["type"] and request.query.get("name", full) == full
        return self.listed("domain_records", [one for one in shelf.all() if fits(one)], request)
    if len(ids) == 1:
        return 201, {"domain_record": shelf.add(**recorded(ids[0], request.body))}, {}
    record = self.found(shelf.get(ids[1]))
    if method == "DELETE":
        shelf.remove(ids[1])
        return 204, None, {}
    if method == "PUT":
        record.update(recorded(ids[0], request.body))
    return 200, {"domain_record": record}, {}


def account(self, method, path, ids, request):
    if not ids and method == "GET":
        return self.listed("ssh_keys", self.keys.all(), request)
    if not ids:
        if self.keys.all(public_key=request.body["public_key"]):
            self.refuse(422, "unprocessable_entity", "SSH Key is already in use on your account")
        return 201, {"ssh_key": self.keys.add(**request.body)}, {}
    key = self.found(self.keys.get(ids[0]))
    if method == "DELETE":
        self.keys.remove(ids[0])
        return 204, None, {}
    key.update(request.body or {})
    return 200, {"ssh_key": key}, {}


def ruled(body):
    """Rules of ICMP are told with the ports "0", all rules with what they do."""
    body = dict(body)
    for side in ("inbound_rules", "outbound_rules"):
        body[side] = [
            {"action": "allow", **rule, "ports": "0" if rule["protocol"] == "icmp" else rule["ports"]} for rule in body.get(side) or []
        ]
    return body


def firewalls(self, method, path, ids, request):
    if not ids and method == "GET":
        return self.listed("firewalls", self.firewalls.all(), request)
    if not ids:
        if self.firewalls.all(name=request.body["name"]):
            self.refuse(409, "conflict", "duplicate name")
        return 202, {"firewall": dict(self.firewalls.add(**ruled(request.body)))}, {}
    firewall = self.found(self.firewalls.get(ids[0]))
    if method == "DELETE":
        self.firewalls.remove(ids[0])
        return 204, None, {}
    if method == "PUT":
        nothing = {"inbound_rules": [], "outbound_rules": [], "droplet_ids": [], "tags": []}
        firewall.update({**nothing, **ruled(request.body)}, status="waiting")
    else:
        firewall.update(status="succeeded", pending_changes=[])
    return 200, {"firewall": dict(firewall)}, {}


def vpcs(self, method, path, ids, request):
    if not ids and method == "GET":
        return self.listed("vpcs", self.vpcs.all(), request)
    body = request.body or {}
    if "name" in body and [one for one in self.vpcs.all(name=body["name"]) if not ids or one["id"] != ids[0]]:
        self.refuse(422, "unprocessable_entity", "a VPC with that name already exists in your account")
    if not ids:
        vpc = self.vpcs.add(**body)
        vpc["urn"] = f"do:vpc:{vpc['id']}"
        return 201, {"vpc": vpc}, {}
    vpc = self.found(self.vpcs.get(ids[0]))
    if method == "DELETE":
        if [one for one in self.droplets.all() + self.balancers.all() if one["vpc_uuid"] == vpc["id"]]:
            self.refuse(403, "forbidden", "Can not delete VPC with members")
        self.vpcs.remove(ids[0])
        return 204, None, {}
    vpc.update(body)
    return 200, {"vpc": vpc}, {}


def load_balancers(self, method, path, ids, request):
    if not ids and method == "GET":
        return self.listed("load_balancers", [self.shown(one) for one in self.balancers.all()], request)
    if method in ("POST", "PUT"):
        fields = {name: value for name, value in request.body.items() if name != "region"}
        # What is not sent goes back to its default, and what has parts to those of the parts.
        fields["health_check"] = {**self.balancer["health_check"], **fields.get("health_check", {})}
        fields["sticky_sessions"] = fields.get("sticky_sessions", {"type": "none"})
        if fields.get("tag"):
            fields["droplet_ids"] = [one["id"] for one in self.droplets.all() if fields["tag"] in one["tags"]]
    if not ids:
        if self.balancers.all(name=fields["name"]):
            self.refuse(422, "unprocessable_entity", "load balancer name already exists")
        balancer = self.balancers.add(**fields, _looks=0)
        balancer["region"]["slug"] = request.body["region"]
        return 202, {"load_balancer": self.shown(balancer)}, {}
    balancer = self.found(self.balancers.get(ids[0]))
    if method == "DELETE":
        self.balancers.remove(ids[0])
        return 204, None, {}
    if method == "PUT":
        known = {name: balancer[name] for name in ("id", "region", "ip", "vpc_uuid", "project_id", "status", "created_at", "_looks")}
        balancer.update({**self.balancer, **known, **fields})
    elif balancer["status"] == "new":
        balancer["_looks"] += 1
        if balancer["_looks"] > 1:
            balancer.update(status="active", ip="104.131.186.241")
    return 200, {"load_balancer": self.shown(balancer)}, {}


HANDLERS = {
    one.__name__: one
    for one in (droplets, actions, tags, volumes, domains, account, firewalls, vpcs, load_balancers)
}


def make(answers, refusal):
    return DigitalOcean(answers, refusal)
