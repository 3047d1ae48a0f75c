variable "zones" {
  type    = map(object({ cidr = string, size = optional(number, 2) }))
  default = { a = { cidr = "10.0.0.0/24" }, b = { cidr = "10.0.1.0/24", size = 5 } }
}
resource "terraform_data" "zone" {
  for_each = var.zones
  input    = { name = each.key, cidr = each.value.cidr, hosts = each.value.size * 2 }
}
resource "terraform_data" "name" {
  for_each = toset(["x", "y z", "ü"])
  input    = each.value
}
resource "terraform_data" "follow" {
  for_each = terraform_data.zone
  input    = each.value.id
}
resource "terraform_data" "one" { input = terraform_data.zone["a"].output }
output "names" { value = keys(terraform_data.zone) }
output "hosts" { value = { for k, z in terraform_data.zone : k => z.input.hosts } }
