import {
  to = terraform_data.a
  id = "one"
}
import {
  for_each = { x = "two" }
  to       = terraform_data.b[each.key]
  id       = each.value
}
resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  for_each = toset(["x"])
  input    = "new"
}
resource "terraform_data" "c" { input = terraform_data.a.id }
