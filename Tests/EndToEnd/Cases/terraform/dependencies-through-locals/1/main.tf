locals {
  ids    = { for k, a in terraform_data.a : k => a.id }
  sorted = sort(values(local.ids))
  nested = { deep = { ids = local.sorted, name = "n" } }
}
resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input    = each.key
}
resource "terraform_data" "b" { input = local.nested.deep.name }
resource "terraform_data" "c" { input = local.nested.deep.ids }
resource "terraform_data" "d" { input = local.ids["x"] }
output "nested" { value = local.nested }
