resource "terraform_data" "a" { input = "x" }
locals {
  id = terraform_data.a.id
}
resource "terraform_data" "text" { input = "<${local.id}>" }
resource "terraform_data" "list" { input = [local.id, "b", [local.id]] }
resource "terraform_data" "map" { input = { a = local.id, b = { c = local.id, d = 1 } } }
resource "terraform_data" "functions" { input = [upper(local.id), length([local.id, 1]), coalesce("x", local.id)] }
resource "terraform_data" "merged" { input = merge({ a = 1 }, { b = local.id }) }
resource "terraform_data" "loop" { input = [for x in ["p", "q"] : "${x}${local.id}"] }
resource "terraform_data" "split" { input = split("-", local.id) }
resource "terraform_data" "concat" { input = concat(["a"], [local.id], split(",", "b,c")) }
resource "terraform_data" "index" { input = { a = "known", b = local.id }["a"] }
resource "terraform_data" "equal" { input = local.id == "x" }
resource "terraform_data" "try" { input = try(local.id, "fallback") }
resource "terraform_data" "json" { input = jsonencode({ a = local.id }) }
output "id" { value = local.id }
output "object" { value = { a = local.id, b = 1 } }
output "list" { value = [local.id, 2] }
