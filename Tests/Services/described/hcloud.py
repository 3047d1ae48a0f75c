"""Hetzner Cloud: numbered pages with their count, unique names, and actions that are polled."""
import math

from shelf import Shelf, page

PLURALS = {
    "servers": "server", "volumes": "volume", "networks": "network", "ssh_keys": "ssh_key", "firewalls": "firewall",
    "placement_groups": "placement_group", "primary_ips": "primary_ip", "floating_ips": "floating_ip",
}


class HetznerCloud:
    def __init__(self, answers, refusal):
        self.refusal = refusal
        self.shelves = {plural: Shelf(answers[one]) for plural, one in PLURALS.items()}
        self.actions = Shelf(answers["action"])

    def error(self, status, code, message):
        code = {"unprocessable_entity": "invalid_input"}.get(code, code)
        return status, {"error": {"code": code, "message": message, "details": {}}}

    def refuse(self, status, code, message):
        raise self.refusal(*self.error(status, code, message))

    def found(self, thing):
        if thing is None:
            self.refuse(404, "not_found", "resource not found")
        return thing

    def act(self, command, then=lambda: None):
        """An action that is over when it is looked at a second time."""
        return self.shown(self.actions.add(command=command, _looks=0, _then=then))

    def shown(self, thing):
        shown = {key: value for key, value in thing.items() if not key.startswith("_")}
        if "placement_group" in shown and shown["placement_group"] is not None:
            shown["placement_group"] = self.shelves["placement_groups"].get(shown["placement_group"])
        if "applied_to" in shown:
            more = {"label_selector": {"applied_to_resources": []}, "server": {}}
            shown["applied_to"] = [{**one, **more[one["type"]]} for one in shown["applied_to"]]
        return shown

    def handle(self, method, path, ids, request):
        kind = path.split("/")[2]
        if kind == "actions" and not ids:
            wanted = request.query["id"].split(",")
            return 200, {"actions": [self.looked_at(self.found(self.actions.get(one))) for one in wanted]}, {}
        if kind == "actions":
            return 200, {"action": self.looked_at(self.found(self.actions.get(ids[0])))}, {}
        shelf, one = self.shelves[kind], PLURALS[kind]
        if not ids:
            return self.listed(kind, shelf, request) if method == "GET" else self.made(kind, one, shelf, request.body)
        thing = self.found(shelf.get(ids[0]))
        if "/actions/" in path:
            action = getattr(self, path.split("/")[-1])(thing, request.body)
            return 201, action if "actions" in action else {"action": action}, {}
        if method == "DELETE":
            return self.deleted(kind, shelf, thing)
        if method == "PUT":
            self.refuse_twice(shelf, request.body, thing)
            thing.update(request.body)
        elif thing.get("_looks", 9) < 2:
            thing["_looks"] += 1
            if thing["_looks"] == 2:
                thing["status"] = {"server": "running", "volume": "available"}[one]
        return 200, {one: self.shown(thing)}, {}

    def looked_at(self, action):
        action["_looks"] += 1
        if action["_looks"] == 2:
            action["_then"]()
            action.update(status="success", progress=100, finished="2016-01-30T23:55:00+00:00")
        return self.shown(action)

    def listed(self, kind, shelf, request):
        found = [one for one in shelf.all() if request.query.get("name", one["name"]) == one["name"]]
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 25))
        if size > 50:
            self.refuse(422, "invalid_input", "per_page is at most 50")
        items, more = page([self.shown(one) for one in found], number, size)
        pages = {
            "page": number, "per_page": size, "previous_page": number - 1 or None, "next_page": number + 1 if more else None,
            "last_page": max(1, math.ceil(len(found) / size)), "total_entries": len(found),
        }
        return 200, {kind: items, "meta": {"pagination": pages}}, {}

    def refuse_twice(self, shelf, body, but=None):
        if [one for one in shelf.all(name=body.get("name")) if one is not but]:
            self.refuse(409, "uniqueness_error", "name is already used")

    def made(self, kind, one, shelf, body):
        self.refuse_twice(shelf, body)
        if kind == "servers":
            return self.made_server(shelf, body)
        if kind == "volumes":
            location = body.pop("location", None)
            volume = shelf.add(**body, _looks=0)
            volume["location"]["name"] = location or self.refuse(422, "invalid_input", "location or server is needed")
            return 201, {"volume": self.shown(volume), "action": self.act("create_volume"), "next_actions": []}, {}
        if kind == "firewalls":
            fields = {"labels": {}, "rules": [], **body}
            fields["rules"] = [self.rule(rule) for rule in fields["rules"]]
            targets = fields.pop("apply_to", [])
            firewall = shelf.add(**fields)
            actions = [self.act("set_firewall_rules")] if body.get("rules") else []
            actions += [self.act("apply_firewall", lambda: firewall.update(applied_to=targets))] if targets else []
            return 201, {"firewall": self.shown(firewall), "actions": actions}, {}
        if kind == "primary_ips":
            location = body.pop("location")
            address = shelf.add(**{"auto_delete": False, "labels": {}, **body})
            address["location"]["name"] = location
            address["ip"] = "131.232.99.1" if body["type"] == "ipv4" else "2001:db8::/64"
            return 201, {one: address}, {}
        if kind == "floating_ips":
            return self.made_floating_ip(shelf, body)
        return 201, {one: shelf.add(**body)}, {}

    def made_floating_ip(self, shelf, body):
        location, server = body.pop("home_location", "fsn1"), body.pop("server", None)
        address = shelf.add(**body)
        address["home_location"]["name"] = location
        address["ip"] = "131.232.99.1" if body["type"] == "ipv4" else "2001:db8::/64"
        action = None
        if server is not None:
            self.found(self.shelves["servers"].get(server))
            action = self.act("assign_floating_ip", lambda: address.update(server=server))
        return 201, {"floating_ip": dict(address)} | ({"action": action} if action else {}), {}

    def rule(self, rule):
        empty = {"port": None, "source_ips": [], "destination_ips": [], "description": None}
        return {**empty, **rule}

    def made_server(self, shelf, body):
        if body.get("placement_group"):
            self.found(self.shelves["placement_groups"].get(body["placement_group"]))
        server = shelf.add(
            name=body["name"], labels=body.get("labels", {}), placement_group=body.get("placement_group"), _looks=0)
        server["server_type"]["name"] = body["server_type"]
        server["image"]["name"] = body["image"]
        server["location"]["name"] = body.get("location", "fsn1")
        public = body.get("public_net", {})
        for version in ("ipv4", "ipv6"):
            if not public.get(f"enable_{version}", True):
                server["public_net"][version] = None
            elif public.get(version):
                address = self.found(self.shelves["primary_ips"].get(public[version]))
                address["assignee_id"] = server["id"]
                server["public_net"][version].update(id=address["id"], ip=address["ip"])
        password = None if body.get("ssh_keys") else "YItygq1v3GYjjMomLaKc"
        answer = {"server": self.shown(server), "action": self.act("create_server"), "next_actions": [], "root_password": password}
        return 201, answer, {}

    def deleted(self, kind, shelf, thing):
        if kind == "firewalls" and thing["applied_to"]:
            self.refuse(422, "resource_in_use", "firewall is still in use")
        if kind == "volumes" and thing["server"]:
            self.refuse(422, "resource_in_use", "volume is still attached")
        server = self.shelves["servers"].get(thing.get("assignee_id"))
        if kind == "primary_ips" and server and server["status"] != "off":
            self.refuse(422, "server_not_stopped", "the server that has the address must be off")
        shelf.remove(thing["id"])
        if kind == "servers":
            for address in self.shelves["primary_ips"].all(assignee_id=thing["id"]):
                address["assignee_id"] = None
            for address in self.shelves["floating_ips"].all(server=thing["id"]):
                address["server"] = None
            return 200, {"action": self.act("delete_server")}, {}
        return 204, None, {}

    # Actions

    def poweroff(self, server, body):
        return self.act("stop_server", lambda: server.update(status="off"))

    def poweron(self, server, body):
        return self.act("start_server", lambda: server.update(status="running"))

    def change_type(self, server, body):
        if server["status"] != "off":
            self.refuse(422, "server_not_stopped", "the server must be off")
        return self.act("change_server_type", lambda: server["server_type"].update(name=body["server_type"]))

    def enable_backup(self, server, body):
        return self.act("enable_backup", lambda: server.update(backup_window="22-02"))

    def disable_backup(self, server, body):
        return self.act("disable_backup", lambda: server.update(backup_window=None))

    def add_to_placement_group(self, server, body):
        group = self.found(self.shelves["placement_groups"].get(body["placement_group"]))
        if server["status"] != "off":
            self.refuse(422, "server_not_stopped", "the server must be off")
        if server["placement_group"]:
            self.refuse(422, "invalid_input", "the server is in a placement group already")
        return self.act("add_to_placement_group", lambda: server.update(placement_group=group["id"]))

    def remove_from_placement_group(self, server, body):
        if not server["placement_group"]:
            self.refuse(422, "invalid_input", "the server is in no placement group")
        return self.act("remove_from_placement_group", lambda: server.update(placement_group=None))

    def change_alias_ips(self, server, body):
        net = next((one for one in server["private_net"] if one["network"] == body["network"]), None)
        return self.act("change_alias_ips", lambda: self.found(net).update(alias_ips=body["alias_ips"]))

    def attach_to_network(self, server, body):
        network = self.found(self.shelves["networks"].get(body["network"]))
        if not network["subnets"]:
            self.refuse(422, "no_subnet_available", "the network has no subnet")
        ip = body.get("ip") or network["subnets"][0]["ip_range"].rsplit(".", 1)[0] + ".2"
        new = {"network": network["id"], "ip": ip, "alias_ips": body.get("alias_ips", []), "mac_address": "86:00:ff:2a:7d:e1"}
        return self.act("attach_to_network", lambda: server["private_net"].append(new))

    def detach_from_network(self, server, body):
        kept = [one for one in server["private_net"] if one["network"] != body["network"]]
        if len(kept) == len(server["private_net"]):
            self.refuse(404, "not_found", "the server is not in the network")
        return self.act("detach_from_network", lambda: server.update(private_net=kept))

    def resize(self, volume, body):
        if body["size"] < volume["size"]:
            self.refuse(422, "invalid_input", "a volume cannot shrink")
        return self.act("resize_volume", lambda: volume.update(size=body["size"]))

    def attach(self, volume, body):
        self.found(self.shelves["servers"].get(body["server"]))
        if volume["server"]:
            self.refuse(422, "volume_already_attached", "volume is already attached")
        return self.act("attach_volume", lambda: volume.update(server=body["server"]))

    def detach(self, volume, body):
        if not volume["server"]:
            self.refuse(404, "not_found", "volume is not attached")
        return self.act("detach_volume", lambda: volume.update(server=None))

    def add_subnet(self, network, body):
        new = {"gateway": body["ip_range"].rsplit(".", 1)[0] + ".1", "vswitch_id": None, **body}
        return self.act("add_subnet", lambda: network["subnets"].append(new))

    def delete_subnet(self, network, body):
        kept = [one for one in network["subnets"] if one["ip_range"] != body["ip_range"]]
        if len(kept) == len(network["subnets"]):
            self.refuse(404, "not_found", "no such subnet")
        return self.act("delete_subnet", lambda: network.update(subnets=kept))

    def add_route(self, network, body):
        return self.act("add_route", lambda: network["routes"].append(dict(body)))

    def delete_route(self, network, body):
        if body not in network["routes"]:
            self.refuse(404, "not_found", "no such route")
        return self.act("delete_route", lambda: network["routes"].remove(body))

    def change_ip_range(self, network, body):
        (old, size), (new, new_size) = network["ip_range"].split("/"), body["ip_range"].split("/")
        if old != new or int(new_size) > int(size):
            self.refuse(422, "invalid_input", "the range can only be extended at its end")
        return self.act("change_ip_range", lambda: network.update(ip_range=body["ip_range"]))

    def assign(self, address, body):
        self.found(self.shelves["servers"].get(body["server"]))
        return self.act("assign_floating_ip", lambda: address.update(server=body["server"]))

    def unassign(self, address, body):
        if not address["server"]:
            self.refuse(422, "service_error", "the address is not assigned")
        return self.act("unassign_floating_ip", lambda: address.update(server=None))

    def set_rules(self, firewall, body):
        firewall["rules"] = [self.rule(rule) for rule in body["rules"]]
        return {"actions": [self.act("set_firewall_rules")]}

    def apply_to_resources(self, firewall, body):
        then = lambda: firewall.update(applied_to=firewall["applied_to"] + body["apply_to"])
        return {"actions": [self.act("apply_firewall", then)]}

    def remove_from_resources(self, firewall, body):
        kept = [one for one in firewall["applied_to"] if one not in body["remove_from"]]
        if len(kept) + len(body["remove_from"]) != len(firewall["applied_to"]):
            self.refuse(422, "firewall_already_removed", "the firewall is not applied there")
        return {"actions": [self.act("remove_firewall", lambda: firewall.update(applied_to=kept))]}


def make(answers, refusal):
    return HetznerCloud(answers, refusal)
